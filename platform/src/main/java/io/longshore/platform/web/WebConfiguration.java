package io.longshore.platform.web;

import jakarta.servlet.Filter;
import java.util.List;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.format.FormatterRegistry;
import org.springframework.http.MediaType;
import org.springframework.http.converter.ByteArrayHttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.StringHttpMessageConverter;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.web.accept.ContentNegotiationStrategy;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurationSupport;
import tools.jackson.databind.json.JsonMapper;

/**
 * Spring MVC with what these services need and no more: JSON, plain text and bytes. Written out instead of auto-configured, since
 * nine contexts start in one JVM and each condition is evaluated in each.
 */
@Configuration(proxyBeanMethods = false)
@Import({FailureAdvice.class, BodyLimit.class, HealthController.class})
public class WebConfiguration extends WebMvcConfigurationSupport {
    @Bean
    JsonMapper jsonMapper() {
        return Json.mapper();
    }

    @Bean
    DispatcherServlet dispatcherServlet(WebApplicationContext context) {
        return new DispatcherServlet(context);
    }

    @Bean
    ServletRegistrationBean<DispatcherServlet> dispatcher(DispatcherServlet servlet) {
        ServletRegistrationBean<DispatcherServlet> registration = new ServletRegistrationBean<>(servlet, "/");
        registration.setName("dispatcher");
        registration.setLoadOnStartup(1);
        return registration;
    }

    @Bean
    FilterRegistrationBean<Filter> traceFilter() {
        FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>(new TraceFilter());
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }

    @Bean
    LongPolls longPolls() {
        return new LongPolls();
    }

    @Override
    protected void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(new CallerArguments());
    }

    @Override
    protected void addFormatters(FormatterRegistry registry) {
        registry.addConverter(String.class, Boolean.class, GoBoolean::parse);
    }

    @Override
    protected void configureContentNegotiation(ContentNegotiationConfigurer configurer) {
        // The Engine answers JSON whatever Accept says; a controller that looks at Accept does so itself.
        ContentNegotiationStrategy json = request -> List.of(MediaType.APPLICATION_JSON, MediaType.ALL);
        configurer.strategies(List.of(json));
    }

    @Override
    protected void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
        builder.addCustomConverter(new ByteArrayHttpMessageConverter());
        builder.addCustomConverter(new StringHttpMessageConverter());
        builder.addCustomConverter(new JacksonJsonHttpMessageConverter(Json.mapper()));
    }
}
