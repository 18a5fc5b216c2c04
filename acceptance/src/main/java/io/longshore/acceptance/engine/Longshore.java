package io.longshore.acceptance.engine;

import io.longshore.acceptance.http.Request;
import java.nio.file.Path;
import java.util.List;

/** A Longshore of a test's own, in either form. What outlives it, containers and their supervisors, is ended on close. */
public abstract class Longshore implements Engine {
    final LongshoreHome home;

    Longshore(LongshoreHome home) {
        this.home = home;
    }

    @Override
    public final Path socket() {
        return home.socket();
    }

    /** The work directory. */
    public final Path work() {
        return home.work();
    }

    /** The agent's directory of sockets. */
    public final Path agentRun() {
        return home.agentRun();
    }

    /** Processes whose mounts are Longshore's: the agent's. */
    public abstract long agentPid();

    /** Everything of Longshore's but what belongs to containers, for example to sum up its memory. */
    public abstract List<Long> pids();

    /** SIGKILL to all of Longshore's JVMs, at whatever they are doing. */
    public abstract void crash();

    /** Starts again what was killed, and waits until it answers. */
    public abstract void restart();

    /** Ends it as {@code SIGTERM} does, containers left alone. */
    abstract void stop();

    @Override
    public final void close() {
        try {
            removeContainers();
        } finally {
            stop();
            Supervisors.kill(home.root());
            Trees.delete(home.agentRun());
            Trees.delete(home.root());
        }
    }

    private void removeContainers() {
        try {
            for (var container : call(Request.get("/containers/json?all=1")).json()) {
                call(Request.delete("/containers/" + container.path("Id").asString() + "?force=1&v=1"));
            }
        } catch (java.io.UncheckedIOException e) {
            // One that does not answer any more is ended all the same.
        }
    }
}
