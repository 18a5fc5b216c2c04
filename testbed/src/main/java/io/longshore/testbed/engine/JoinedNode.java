package io.longshore.testbed.engine;

import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A machine that has joined a fleet: an agent with drivers, cgroups, rules and directories of its own, in a network namespace. Closing it ends
 * it and what it has left of containers; the namespace is its maker's.
 */
public final class JoinedNode implements AutoCloseable {
    private static final String READY = "docker  speaks to the fleet";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration END = Duration.ofSeconds(40);

    private LongshoreHome home;
    private final Map<String, String> environment;
    private Process process;
    private int starts;

    private JoinedNode(LongshoreHome home, Map<String, String> environment) {
        this.home = home;
        this.environment = environment;
        this.process = spawn();
    }

    /**
     * Has a machine join, and starts its agent.
     *
     * @param network the file of its network namespace
     * @param directory made for it; its name begins with another letter than that of any other Longshore of this JVM
     * @param arguments of {@code ./longshore join}
     * @throws IllegalStateException with what it wrote, if it is refused or does not start
     */
    public static JoinedNode join(Path network, Path directory, String... arguments) {
        return join(network, directory, Map.of(), arguments);
    }

    /** The same of another build of Longshore, with that class path. */
    public static JoinedNode joinWith(String jars, Path network, Path directory, String... arguments) {
        return join(new LongshoreHome(directory, network, jars), Map.of(), arguments);
    }

    /** The same with environment variables for its agent. */
    static JoinedNode join(Path network, Path directory, Map<String, String> environment, String... arguments) {
        return join(new LongshoreHome(directory, network), environment, arguments);
    }

    private static JoinedNode join(LongshoreHome home, Map<String, String> environment, String... arguments) {
        LongshoreHome.make(home);
        Process join = Standalone.join(home, "join.out", arguments);
        try {
            if (!join.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || join.exitValue() != 0) {
                join.destroyForcibly();
                throw new IllegalStateException(
                        "cannot join: " + Logs.tail(home.root().resolve("join.out")));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a machine joined", e);
        }
        return new JoinedNode(home, environment);
    }

    private Process spawn() {
        Path log = home.root().resolve("agent-" + ++starts + ".out");
        Process started = Standalone.spawn(home, log.getFileName().toString(), environment);
        boolean ready =
                Await.until(PATIENCE, () -> !started.isAlive() || read(log).contains(READY));
        if (!ready || !started.isAlive()) {
            started.destroyForcibly();
            throw new IllegalStateException("a joined node does not start: " + Logs.tail(log));
        }
        return started;
    }

    private static String read(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The cgroup in every hierarchy under which its containers have theirs, {@code /name}. */
    public String cgroup() {
        return home.cgroup();
    }

    /** The containers on other nodes of which it holds ports, if it is an entry. */
    public Set<String> forwards() {
        Path files = home.work().resolve("state/forwards");
        try (Stream<Path> all = Files.isDirectory(files) ? Files.list(files) : Stream.empty()) {
            return all.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL to its agent; its containers go on. */
    public void crash() {
        process.destroyForcibly();
        Ended.await(process.toHandle());
    }

    /** Starts its agent again, and waits until it speaks to the fleet. */
    public void restart() {
        process = spawn();
    }

    /**
     * Ends its agent in order, and starts that of the Longshore that is tested; its containers go on.
     *
     * @param meanwhile done while it has none
     * @throws IllegalStateException if the one before does not end in order
     */
    public void upgrade(Runnable meanwhile) {
        if (!end()) {
            throw new IllegalStateException("an agent does not end within " + END + ": " + log());
        }
        meanwhile.run();
        home = home.upgraded();
        restart();
    }

    /** Whether it has ended by itself when it was asked to, and was not killed. */
    private boolean end() {
        process.destroy();
        try {
            if (process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                return true;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        crash();
        return false;
    }

    /** What it wrote. */
    public String log() {
        return Logs.tail(home.work().resolve("log/longshore.log"));
    }

    /** Ends it; an {@link IllegalStateException} names the supervisors that were left, whose containers had to be removed before. */
    @Override
    public void close() {
        List<Supervisors.Supervisor> left = Supervisors.awaitNone(home.cgroup());
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        end();
        all.forEach(ProcessHandle::destroyForcibly);
        Supervisors.kill(home.cgroup());
        Cgroups.remove(home.cgroup());
        Trees.delete(home.agentRun());
        Trees.delete(home.root());
        if (!left.isEmpty()) {
            throw new IllegalStateException("a joined node left supervisors of containers that are removed: " + left);
        }
    }
}
