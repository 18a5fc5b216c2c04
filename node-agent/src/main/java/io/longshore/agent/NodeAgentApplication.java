package io.longshore.agent;

import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.ServiceRunner;

/** The node-agent, alone in its process or beside the services in one JVM. */
@LongshoreService(Part.AGENT)
public class NodeAgentApplication {
    /** Runs it alone; {@code --config FILE} names the configuration. */
    public static void main(String[] arguments) {
        ServiceRunner.main(NodeAgentApplication.class, arguments);
    }
}
