package io.longshore.testbed.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Longshore as a process for each part: PostgreSQL, the services, the agent and the gateway, on unix sockets in one directory. */
public final class SeparateProcesses extends Longshore {
    private static final Duration START = Duration.ofMinutes(4);
    /** The parts with their main classes; those with a schema first, the gateway last. */
    static final Map<String, String> PARTS = parts();

    private final List<String> options;
    private final ServiceDatabase database;
    private final Path loginKey;
    private final Map<String, Process> processes = new LinkedHashMap<>();

    private SeparateProcesses(LongshoreHome home, List<String> options) {
        super(home);
        this.options = options;
        this.loginKey = home.makeLoginKey();
        this.database = new ServiceDatabase(home.root().resolve("postgres"));
    }

    private static Map<String, String> parts() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("container", "io.longshore.container.ContainerServiceApplication");
        parts.put("image", "io.longshore.image.ImageServiceApplication");
        parts.put("access", "io.longshore.access.AccessServiceApplication");
        parts.put("fleet", "io.longshore.fleet.FleetServiceApplication");
        parts.put("volume", "io.longshore.volume.VolumeServiceApplication");
        parts.put("network", "io.longshore.network.NetworkServiceApplication");
        parts.put("agent", "io.longshore.agent.NodeAgentApplication");
        parts.put("gateway", "io.longshore.gateway.GatewayApplication");
        return parts;
    }

    /** Whether every part is on the class path and this is root. */
    public static boolean available() {
        return "root".equals(System.getProperty("user.name"))
                && PARTS.values().stream().allMatch(LongshoreHome::has);
    }

    /**
     * Starts all of them below {@code directory} and waits until the gateway answers.
     *
     * @param options for each JVM
     */
    public static SeparateProcesses start(Path directory, List<String> options) {
        SeparateProcesses started = new SeparateProcesses(LongshoreHome.make(directory), StartUpCache.with(options));
        try {
            started.restart();
        } catch (RuntimeException e) {
            started.close();
            throw e;
        }
        return started;
    }

    @Override
    public void begin() {
        for (String part : PARTS.keySet()) {
            if (!part.equals("gateway") && !alive(part)) {
                spawn(part);
            }
        }
    }

    /** The gateway comes last, when all others listen, so that its first answer is that of a whole Longshore. */
    @Override
    public void restart() {
        begin();
        long end = System.nanoTime() + START.toNanos();
        for (String part : PARTS.keySet()) {
            while (!part.equals("gateway") && !listens(part)) {
                if (!alive(part) || System.nanoTime() > end) {
                    throw new IllegalStateException(
                            "the process of " + part + " does not start; it wrote:\n" + Logs.tail(log(part)));
                }
                LockSupport.parkNanos(20_000_000);
            }
        }
        Process gateway = alive("gateway") ? processes.get("gateway") : spawn("gateway");
        Ready.await(this, java.util.Objects.requireNonNull(gateway).toHandle(), START);
    }

    private boolean alive(String part) {
        Process process = processes.get(part);
        return process != null && process.isAlive();
    }

    private boolean listens(String part) {
        return Files.exists(home.root().resolve("run/services/" + part + ".sock"))
                && Ready.connects(home.root().resolve("run/services/" + part + ".sock"));
    }

    private Process spawn(String part) {
        Map<String, String> environment = new LinkedHashMap<>(database.environment(part));
        if (part.equals("image")) {
            environment.put("LONGSHORE_IMAGE_LOGINS_KEYFILE", loginKey.toString());
        }
        Process process =
                home.java(java.util.Objects.requireNonNull(PARTS.get(part)), part + ".out", environment, options);
        processes.put(part, process);
        return process;
    }

    @Override
    public String name() {
        return "processes";
    }

    @Override
    Path postgres() {
        return database.directory();
    }

    @Override
    public String log() {
        StringBuilder all = new StringBuilder();
        PARTS.keySet()
                .forEach(part -> all.append("--- ").append(part).append('\n').append(Logs.tail(log(part))));
        return all.toString();
    }

    private Path log(String part) {
        return home.root().resolve(part + ".out");
    }

    @Override
    public long agentPid() {
        return java.util.Objects.requireNonNull(processes.get("agent")).pid();
    }

    @Override
    public List<Long> pids() {
        return Stream.concat(
                        Stream.of(database.pid()), processes.values().stream().map(Process::pid))
                .toList();
    }

    @Override
    public void crash() {
        List<Process> all = new ArrayList<>(processes.values());
        all.forEach(Process::destroyForcibly);
        all.forEach(process -> Ended.await(process.toHandle()));
    }

    @Override
    void stop() {
        List<Process> all = new ArrayList<>(processes.values()).reversed();
        Ended.stop(all);
        database.close();
    }
}
