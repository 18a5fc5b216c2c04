package io.longshore.platform.run.twodoors;

import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import org.springframework.context.annotation.Bean;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;

/** It answers already when it turns out that nobody knows which of its servlets is the door. */
@LongshoreService(Part.VOLUME)
public class TwoDoorsApplication {
    @Bean
    DispatcherServlet another(WebApplicationContext context) {
        return new DispatcherServlet(context);
    }
}
