package io.longshore.access;

import io.longshore.platform.data.ServiceSchema;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.ServiceRunner;

/** access-service. */
@LongshoreService(Part.ACCESS)
@ServiceSchema("access")
public class AccessServiceApplication {
    /** Starts it alone. */
    public static void main(String[] arguments) {
        ServiceRunner.main(AccessServiceApplication.class, arguments);
    }
}
