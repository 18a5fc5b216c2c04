package io.longshore.testbed.engine;

import io.longshore.testbed.http.Response;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** One replica of each service and a gateway, each in a process of its own, as one machine of several would have them. Thread-safe. */
final class ServiceSet implements Engine {
    private static final Duration START = Duration.ofMinutes(3);
    private static final String GATEWAY = "gateway";

    private final LongshoreHome home;
    private final Function<String, Map<String, String>> environment;
    private final List<String> options;
    private final Map<String, Process> processes = new LinkedHashMap<>();

    /**
     * @param environment variables of a part
     * @param options of each JVM
     */
    ServiceSet(LongshoreHome home, Function<String, Map<String, String>> environment, List<String> options) {
        this.home = home;
        this.environment = environment;
        this.options = options;
    }

    /** The parts, the gateway last. */
    static List<String> parts() {
        List<String> parts = new ArrayList<>(ServiceDatabase.SERVICES);
        parts.add(GATEWAY);
        return parts;
    }

    /** Starts a part that does not run, and waits until it listens. */
    void start(String part) {
        Process process;
        synchronized (processes) {
            if (alive(part)) {
                return;
            }
            process = home.java(
                    Objects.requireNonNull(SeparateProcesses.PARTS.get(part)),
                    part + ".out",
                    environment.apply(part),
                    options);
            processes.put(part, process);
        }
        Path socket = part.equals(GATEWAY) ? socket() : home.services().resolve(part + ".sock");
        long end = System.nanoTime() + START.toNanos();
        while (!(Files.exists(socket) && Ready.connects(socket))) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException(
                        part + " of " + name() + " does not start; it wrote:\n" + Logs.tail(log(part)));
            }
            Ready.pause();
        }
    }

    private boolean alive(String part) {
        Process process = processes.get(part);
        return process != null && process.isAlive();
    }

    /** SIGKILL, and its end. */
    void kill(String part) {
        Process process;
        synchronized (processes) {
            process = Objects.requireNonNull(processes.get(part));
        }
        process.destroyForcibly();
        Ended.await(process.toHandle());
    }

    /** Past the gateway. */
    Response ask(String part, String target) {
        return Longshore.ask(home, part, target, this);
    }

    Path log(String part) {
        return home.root().resolve(part + ".out");
    }

    @Override
    public String name() {
        return home.root().getFileName().toString();
    }

    @Override
    public Path socket() {
        return home.socket();
    }

    @Override
    public Path plugins() {
        return home.plugins();
    }

    @Override
    public String log() {
        StringBuilder all = new StringBuilder();
        parts().forEach(part -> all.append("--- ")
                .append(part)
                .append(" of ")
                .append(name())
                .append('\n')
                .append(Logs.tail(log(part))));
        return all.toString();
    }

    /** Ends all of them. */
    @Override
    public void close() {
        List<Process> all;
        synchronized (processes) {
            all = new ArrayList<>(processes.values()).reversed();
        }
        Ended.stop(all);
    }
}
