package io.longshore.image;

import io.longshore.platform.data.ServiceSchema;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.ServiceRunner;

/** image-service, alone in its process or beside others in one JVM. */
@LongshoreService(Part.IMAGE)
@ServiceSchema("image")
public class ImageServiceApplication {
    /** Runs it alone; {@code --config FILE} names the configuration. */
    public static void main(String[] arguments) {
        ServiceRunner.main(ImageServiceApplication.class, arguments);
    }
}
