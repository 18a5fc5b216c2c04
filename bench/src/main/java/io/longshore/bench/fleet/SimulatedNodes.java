package io.longshore.bench.fleet;

import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Agents in a few JVMs. Closing it ends them. */
final class SimulatedNodes implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final List<Process> hosts = new ArrayList<>();

    private SimulatedNodes() {}

    /**
     * Starts so many agents in so many JVMs, and waits until all of them answer.
     *
     * @param directory made for them
     * @param fleet the address of fleet-service
     */
    static SimulatedNodes start(Path directory, String fleet, int agents, int hosts) {
        SimulatedNodes started = new SimulatedNodes();
        List<Path> logs = new ArrayList<>();
        try {
            Files.createDirectories(directory);
            int first = 0;
            for (int host = 0; host < hosts; host++) {
                int end = agents * (host + 1) / hosts;
                Path log = directory.resolve("host-" + host + ".out");
                logs.add(log);
                started.hosts.add(spawn(log, directory, fleet, first, end - first));
                first = end;
            }
        } catch (IOException e) {
            started.close();
            throw new UncheckedIOException("cannot start agents below " + directory, e);
        }
        boolean ready =
                Await.until(PATIENCE, () -> !started.alive() || logs.stream().allMatch(SimulatedNodes::ready));
        if (!ready || !started.alive()) {
            started.close();
            throw new IllegalStateException("agents do not start; see " + logs);
        }
        return started;
    }

    private static Process spawn(Path log, Path directory, String fleet, int first, int count) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx" + (100 + 6 * count) + "m",
                "-Xss256k",
                "-XX:TieredStopAtLevel=1",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                AgentHost.class.getName(),
                directory.toString(),
                fleet,
                String.valueOf(first),
                String.valueOf(count)));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static boolean ready(Path log) {
        try {
            return Files.readString(log).contains(AgentHost.READY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean alive() {
        return hosts.stream().allMatch(Process::isAlive);
    }

    List<Long> pids() {
        return hosts.stream().map(Process::pid).toList();
    }

    @Override
    public void close() {
        for (Process host : hosts) {
            host.destroyForcibly();
        }
        for (Process host : hosts) {
            try {
                host.waitFor(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
