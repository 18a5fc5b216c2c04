package io.longshore.network;

import io.longshore.platform.data.ServiceSchema;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.ServiceRunner;

/** network-service: owns the schema {@code network} and the Engine's paths under {@code /networks}. */
@LongshoreService(Part.NETWORK)
@ServiceSchema("network")
public class NetworkServiceApplication {
    /** Runs it as a process of its own. */
    public static void main(String[] arguments) {
        ServiceRunner.main(NetworkServiceApplication.class, arguments);
    }
}
