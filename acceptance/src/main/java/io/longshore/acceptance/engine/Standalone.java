package io.longshore.acceptance.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Longshore in one JVM with its embedded PostgreSQL. */
public final class Standalone extends Longshore {
    private static final String MAIN = "io.longshore.standalone.StandaloneMain";
    private static final Duration START = Duration.ofMinutes(2);

    private final List<String> options;
    private Process process;

    private Standalone(LongshoreHome home, List<String> options) {
        super(home);
        this.options = options;
        this.process = spawn();
    }

    /** Whether it is on the class path and this is root. */
    public static boolean available() {
        return "root".equals(System.getProperty("user.name")) && LongshoreHome.has(MAIN);
    }

    /**
     * Starts it below {@code directory} and waits until it answers.
     *
     * @param options for the JVM
     * @throws IllegalStateException with the end of its log, if it does not start
     */
    public static Standalone start(Path directory, List<String> options) {
        Standalone standalone = new Standalone(LongshoreHome.make(directory), options);
        Ready.await(standalone, standalone.process, START);
        return standalone;
    }

    private Process spawn() {
        return home.java(MAIN, "standalone.out", Map.of(), options);
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
    public long agentPid() {
        return process.pid();
    }

    @Override
    public List<Long> pids() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }

    @Override
    public void crash() {
        process.destroyForcibly();
        Ended.await(process.toHandle());
    }

    @Override
    public void restart() {
        process = spawn();
        Ready.await(this, process, START);
    }

    /** Ends it in order. */
    @Override
    public void stop() {
        process.toHandle().destroy();
        try {
            if (!process.waitFor(40, TimeUnit.SECONDS)) {
                Ended.kill(process);
            }
        } catch (InterruptedException e) {
            Ended.kill(process);
            Thread.currentThread().interrupt();
        }
    }
}
