package io.longshore.network;

import io.longshore.contracts.fleet.FleetApi;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.ServiceSchema;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.ServiceAddresses;
import io.longshore.platform.run.ServiceRunner;
import org.springframework.context.annotation.Bean;

/** network-service: owns the schema {@code network} and the Engine's paths under {@code /networks}. */
@LongshoreService(Part.NETWORK)
@ServiceSchema("network")
public class NetworkServiceApplication {
    /** Runs it as a process of its own. */
    public static void main(String[] arguments) {
        ServiceRunner.main(NetworkServiceApplication.class, arguments);
    }

    @Bean
    FleetApi fleet(Parts parts, ServiceAddresses addresses, RunProperties run) {
        return parts.client(FleetApi.class, Part.FLEET.id(), addresses.of(Part.FLEET, run));
    }
}
