package io.longshore.upstream;

import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;

/** Stands for every service at once. */
@LongshoreService(Part.CONTAINER)
public class UpstreamApplication {}
