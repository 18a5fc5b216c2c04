package io.longshore.testbed.engine;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Program;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Debian's Docker Engine in namespaces of its own (mount, net, pid) with its own containerd, socket, data, pid file and cgroup
 * parent, so that it meets neither another engine nor the host's networks: its bridges, rules and ports are in a network namespace of its
 * own, and {@code host} is that. Killing its first process ends everything in it.
 */
public final class DockerEngine implements Engine {
    private static final Path BINARY = Path.of("/usr/sbin/dockerd");
    private static final Duration START = Duration.ofSeconds(60);
    /** The shell stays as process 1, reaps what containerd's shims orphan, and hides the host's /run from dockerd. */
    private static final String SCRIPT = """
            mount --make-rprivate / && mount -t tmpfs -o mode=755 tmpfs /run && ip link set lo up || exit 1
            dockerd -H "unix://$1/docker.sock" --data-root "$1/data" --exec-root "$1/exec" --pidfile "$1/docker.pid" \
              --config-file "$1/daemon.json" --cgroup-parent "$2" --storage-driver "$3" >"$1/log" 2>&1 &
            wait
            """;

    private final Path directory;
    private final String cgroup;
    private final Process process;

    private DockerEngine(Path directory, String cgroup, Process process) {
        this.directory = directory;
        this.cgroup = cgroup;
        this.process = process;
    }

    /** Whether Debian's {@code docker.io} is installed and this is root. */
    public static boolean available() {
        return Files.isExecutable(BINARY) && "root".equals(System.getProperty("user.name"));
    }

    /**
     * Starts it with everything it writes below {@code directory}, which is created and, on close, deleted.
     *
     * @throws IllegalStateException with the end of its log, if it does not answer within a minute
     */
    public static DockerEngine start(Path directory) {
        return start(directory, Map.of());
    }

    /** {@link #start(Path)} with these environment variables more, which all its processes have. */
    public static DockerEngine start(Path directory, Map<String, String> environment) {
        return start(directory, environment, "overlay2");
    }

    /** {@link #start(Path, Map)} with another storage driver than overlay2. */
    public static DockerEngine start(Path directory, Map<String, String> environment, String storageDriver) {
        String cgroup = "/longshore-peer-" + ProcessHandle.current().pid() + "-" + directory.getFileName();
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("daemon.json"), "{}");
            ProcessBuilder builder = new ProcessBuilder(List.of(
                            "unshare",
                            "--mount",
                            "--net",
                            "--pid",
                            "--fork",
                            "--mount-proc",
                            "--kill-child=KILL",
                            "sh",
                            "-c",
                            SCRIPT,
                            "sh",
                            directory.toString(),
                            cgroup,
                            storageDriver))
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("start.log").toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            DockerEngine engine = new DockerEngine(directory, cgroup, process);
            Ready.await(engine, process.toHandle(), START);
            return engine;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start dockerd in " + directory, e);
        }
    }

    @Override
    public String name() {
        return "docker";
    }

    @Override
    public Path socket() {
        return directory.resolve("docker.sock");
    }

    /** In its own /run. */
    @Override
    public Path plugins() {
        long pid = processOf("dockerd").orElseThrow().pid();
        Path plugins = Path.of("/proc/" + pid + "/root/run/docker/plugins");
        try {
            return Files.createDirectories(plugins);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<String> inNetwork(List<String> command) {
        String pid = String.valueOf(neighbour().pid());
        return Stream.concat(Stream.of("nsenter", "--net", "--target", pid), command.stream())
                .toList();
    }

    @Override
    public ProcessHandle neighbour() {
        return processOf("dockerd").orElseThrow();
    }

    @Override
    public String log() {
        return Logs.tail(directory.resolve("start.log")) + Logs.tail(directory.resolve("log"));
    }

    /**
     * Gives dockerd other settings, of those that it takes while it runs: registry mirrors, insecure registries.
     *
     * @param json of {@code daemon.json}
     */
    public void configure(String json) {
        try {
            Files.writeString(directory.resolve("daemon.json"), json);
            long pid = processOf("dockerd").orElseThrow().pid();
            Program.run("kill", "-HUP", String.valueOf(pid)).ok();
            if (!Await.until(START, () -> log().contains("Reloaded configuration"))) {
                throw new IllegalStateException("dockerd does not take " + json + ": " + log());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The id of the process of the given program, {@code dockerd} or {@code containerd}. */
    public Optional<ProcessHandle> processOf(String program) {
        return process.descendants()
                .filter(p -> p.info().command().orElse("").endsWith("/" + program))
                .findFirst();
    }

    /** The process ids of all of containerd's shims. */
    public List<Long> shims() {
        return process.descendants()
                .filter(p -> p.info().command().orElse("").endsWith("/containerd-shim-runc-v2"))
                .map(ProcessHandle::pid)
                .toList();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            removeContainers();
        }
        Ended.kill(process);
        Cgroups.remove(cgroup);
        Trees.delete(directory);
    }

    private void removeContainers() {
        try {
            for (var container : call(Request.get("/containers/json?all=1")).json()) {
                call(Request.delete("/containers/" + container.path("Id").asString() + "?force=1&v=1"));
            }
        } catch (UncheckedIOException e) {
            // A daemon that does not answer is killed all the same, and its pid namespace with it.
        }
    }
}
