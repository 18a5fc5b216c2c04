package io.longshore.testbed.engine;

import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Longshore in one JVM with its embedded PostgreSQL. */
public final class Standalone extends Longshore {
    private static final String MAIN = "io.longshore.standalone.StandaloneMain";
    private static final Duration START = Duration.ofMinutes(6);

    private final Supplier<ProcessHandle> starter;
    private ProcessHandle process;

    private Standalone(LongshoreHome home, Supplier<ProcessHandle> starter) {
        super(home);
        this.starter = starter;
        this.process = starter.get();
        Ready.await(this, process, START);
    }

    /** Whether it is on the class path and this is root. */
    public static boolean available() {
        return "root".equals(System.getProperty("user.name")) && LongshoreHome.has(MAIN);
    }

    /**
     * Starts it below {@code directory} from the class path with the launcher's options for the JVM, and waits until it answers. Where
     * many start, each for a minute or two, the JVM compiles with its quick compiler only: of such a JVM's time the other would take
     * half. The launcher's tests, the soak and the benchmark run with what users have.
     *
     * @throws IllegalStateException with the end of its log, if it does not start
     */
    public static Standalone start(Path directory) {
        return start(directory, Map.of());
    }

    /** {@link #start(Path)} with these environment variables. */
    public static Standalone start(Path directory, Map<String, String> environment) {
        return start(directory, environment, options());
    }

    /**
     * Starts its JVM and waits for nothing: for one that is to be refused, or killed on the way. {@code longshore.yaml} in the directory
     * says the rest.
     *
     * @param log where what it writes goes, relative to the directory
     */
    public static Process spawn(Path directory, String log) {
        return spawn(directory, log, Map.of());
    }

    /** {@link #spawn(Path, String)} with these environment variables. */
    public static Process spawn(Path directory, String log, Map<String, String> environment) {
        return spawn(new LongshoreHome(directory), log, environment);
    }

    static Process spawn(LongshoreHome home, String log, Map<String, String> environment) {
        return home.java(MAIN, log, environment, options(home));
    }

    /**
     * Has the machine of a directory join a fleet, as {@code ./longshore join} does before it starts the agent.
     *
     * @param log where what it writes goes, relative to the directory
     */
    public static Process join(Path directory, String log, String... arguments) {
        return join(new LongshoreHome(directory), log, arguments);
    }

    static Process join(LongshoreHome home, String log, String... arguments) {
        return home.java("io.longshore.standalone.join.JoinMain", log, Map.of(), options(home), arguments);
    }

    /**
     * Moves the database of the one of a directory, as {@code ./longshore migrate-db} does.
     *
     * @param log where what it writes goes, relative to the directory
     */
    public static Process migrate(Path directory, String log, String... arguments) {
        return new LongshoreHome(directory)
                .java("io.longshore.standalone.MigrateMain", log, Map.of(), options(), arguments);
    }

    /**
     * Has the one of a directory bring its images to its system registry, as {@code ./longshore migrate-images} does.
     *
     * @param log where what it writes goes, relative to the directory
     */
    public static Process migrateImages(Path directory, String log) {
        return new LongshoreHome(directory).java("io.longshore.standalone.MigrateImagesMain", log, Map.of(), options());
    }

    /** The cache is of the Longshore that is tested. */
    private static List<String> options(LongshoreHome home) {
        return home.jars() == null ? options() : LauncherOptions.read();
    }

    private static List<String> options() {
        List<String> options = new ArrayList<>(LauncherOptions.read());
        if (StartUpCache.wanted()) {
            options.add("-XX:TieredStopAtLevel=1");
        }
        return StartUpCache.with(options);
    }

    /** {@link #start(Path)} with these environment variables, and these options for the JVM. */
    static Standalone start(Path directory, Map<String, String> environment, List<String> options) {
        LongshoreHome home = LongshoreHome.make(directory);
        return new Standalone(
                home,
                () -> home.java(MAIN, "standalone.out", environment, options).toHandle());
    }

    /** Starts it below {@code directory} as its users do, with the launcher script: its JVM options and its start-up cache. */
    public static Standalone launch(Path directory, Path script) {
        LongshoreHome home = LongshoreHome.make(directory);
        return new Standalone(home, () -> up(home, script));
    }

    private static ProcessHandle up(LongshoreHome home, Path script) {
        ProcessBuilder up = new ProcessBuilder(
                        script.toString(),
                        "up",
                        "-d",
                        "--config",
                        home.configuration().toString())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(home.root().resolve("standalone.out").toFile());
        try {
            Process process = up.start();
            if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IllegalStateException(
                        script + " up failed:\n" + Logs.tail(home.root().resolve("standalone.out")));
            }
            long pid = Long.parseLong(
                    Files.readString(home.work().resolve("longshore.pid")).strip());
            return ProcessHandle.of(pid).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public String name() {
        return "standalone";
    }

    @Override
    public String log() {
        return Logs.tail(home.root().resolve("standalone.out"))
                + Logs.tail(home.work().resolve("log/longshore.log"));
    }

    @Override
    Path postgres() {
        return home.work().resolve("postgres");
    }

    @Override
    public long agentPid() {
        return process.pid();
    }

    @Override
    public List<Long> pids() {
        return Stream.concat(Stream.of(process), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }

    @Override
    public void crash() {
        process.destroyForcibly();
        Ended.await(process);
    }

    /**
     * Takes away what does not outlast the machine: all its processes at once, those of containers too, cgroups and run directories. What is
     * started next sees another boot id. Not for one that was {@link #launch launched}.
     */
    public void powerCut() {
        List<ProcessHandle> all =
                Stream.concat(Stream.of(process), process.descendants()).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        Cgroups.thaw(home.cgroup());
        all.forEach(Ended::await);
        Supervisors.kill(home.cgroup());
        Cgroups.remove(home.cgroup());
        Trees.delete(home.agentRun());
        Trees.delete(home.root().resolve("run"));
        try {
            Files.writeString(home.bootId(), UUID.randomUUID() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + home.bootId(), e);
        }
    }

    @Override
    public void begin() {
        if (!process.isAlive()) {
            process = starter.get();
        }
    }

    @Override
    public void restart() {
        begin();
        Ready.await(this, process, START);
    }

    /** Ends it in order, containers left alone. */
    @Override
    public void stop() {
        process.destroy();
        try {
            process.onExit().get(40, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            Ended.await(process);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
