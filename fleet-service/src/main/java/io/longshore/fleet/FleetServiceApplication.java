package io.longshore.fleet;

import io.longshore.platform.data.ServiceSchema;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.ServiceRunner;
import java.time.Clock;
import org.springframework.context.annotation.Bean;

/** fleet-service. */
@LongshoreService(Part.FLEET)
@ServiceSchema("fleet")
public class FleetServiceApplication {
    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    /** Starts it alone. */
    public static void main(String[] arguments) {
        ServiceRunner.main(FleetServiceApplication.class, arguments);
    }
}
