package io.longshore.container;

import io.longshore.platform.data.ServiceSchema;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.ServiceRunner;

/** container-service: owns the schema {@code container} and the Engine's paths under {@code /containers}. */
@LongshoreService(Part.CONTAINER)
@ServiceSchema("container")
public class ContainerServiceApplication {
    /** Runs it as a process of its own. */
    public static void main(String[] arguments) {
        ServiceRunner.main(ContainerServiceApplication.class, arguments);
    }
}
