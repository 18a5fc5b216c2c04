package io.longshore.bench.fleet;

import io.longshore.agent.NodeAgentApplication;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A JVM with many agents, each as it is in a process of its own: its own context, socket, work directory and heartbeats. Their drivers are
 * simulated, so that they need neither root nor anything of the kernel. They end with its standard input.
 */
final class AgentHost {
    private AgentHost() {}

    /** What {@link #main} writes when all answer. */
    static final String READY = "agents are ready";

    /**
     * {@code DIRECTORY FLEET FIRST COUNT}: starts agents {@code node-FIRST} and so on below the directory, which report to the fleet-service
     * at the address.
     */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        int first = Integer.parseInt(arguments[2]);
        int count = Integer.parseInt(arguments[3]);
        for (int number = first; number < first + count; number++) {
            var _ = ServiceRunner.start(
                    NodeAgentApplication.class, settings(directory, arguments[1], number)); // It ends with the JVM.
        }
        System.out.println(count + " " + READY);
        while (System.in.read() >= 0) {
            // Nothing is said but the end.
        }
        Runtime.getRuntime().halt(0); // What they have is deleted with the directory.
    }

    private static Settings settings(Path directory, String fleet, int number) {
        String name = String.format(Locale.ROOT, "node-%03d", number);
        Path own = directory.resolve(name);
        Map<String, Object> values = new HashMap<>();
        values.put("run.directory", own.resolve("run").toString());
        values.put("services.fleet", fleet);
        values.put("agent.node-name", name);
        values.put("agent.work-directory", own.resolve("work").toString());
        values.put("agent.run-directory", own.resolve("agent").toString());
        values.put("agent.sandbox-pool", 1);
        List.of("exec", "graph", "volume", "network")
                .forEach(driver -> values.put("agent.drivers." + driver, "simulated"));
        return Settings.of(values);
    }
}
