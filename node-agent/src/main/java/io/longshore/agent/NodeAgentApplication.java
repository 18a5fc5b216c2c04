package io.longshore.agent;

import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;

/** The node-agent, alone in its process or beside the services in one JVM. */
@LongshoreService(Part.AGENT)
public class NodeAgentApplication {
    /**
     * What the agent asks of the machine when it starts, for those who want to know before anything else starts.
     *
     * @throws StartFailure that names all that is missing, in one line
     */
    public static void checkMachine(Settings settings) {
        AgentWiring.checkMachine(settings.section(AgentProperties.class), new JnaSyscalls());
    }

    /** Runs it alone; {@code --config FILE} names the configuration. */
    public static void main(String[] arguments) {
        ServiceRunner.main(NodeAgentApplication.class, arguments);
    }
}
