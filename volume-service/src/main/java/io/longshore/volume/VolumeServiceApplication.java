package io.longshore.volume;

import io.longshore.contracts.fleet.FleetApi;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.ServiceSchema;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.ServiceAddresses;
import io.longshore.platform.run.ServiceRunner;
import org.springframework.context.annotation.Bean;

/** volume-service: owns the schema {@code volume} and the Engine's paths under {@code /volumes}. */
@LongshoreService(Part.VOLUME)
@ServiceSchema("volume")
public class VolumeServiceApplication {
    /** Runs it as a process of its own. */
    public static void main(String[] arguments) {
        ServiceRunner.main(VolumeServiceApplication.class, arguments);
    }

    @Bean
    FleetApi fleet(Parts parts, ServiceAddresses addresses, RunProperties run) {
        return parts.client(FleetApi.class, "fleet-service", addresses.of(Part.FLEET, run));
    }
}
