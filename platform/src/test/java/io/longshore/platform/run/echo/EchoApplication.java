package io.longshore.platform.run.echo;

import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;

/** A service for tests of the kit; it takes the place of image-service. */
@LongshoreService(Part.IMAGE)
public class EchoApplication {}
