package io.longshore.contracts.agent;

import io.longshore.contracts.id.ContainerId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container as its agent sees it: the third of its three shapes.
 *
 * @param id identity
 * @param generation of the spec that the agent holds
 * @param revision the agent's revision at which this became so; grows with every change on the agent, from one of its lives to the next too
 * @param status what it is doing
 * @param starts how often it was started, by a command or by its restart policy; the answer to an apply of start N has at least N here
 * @param restarts how often its restart policy has started it since it was last started by a command
 * @param pid of its first process as the node sees it, 0 when it has none
 * @param startedAt of the latest start, null if there was none
 * @param finishedAt of the latest end, null if there was none
 * @param exitCode of the latest end: the status, or 128 and the signal; 0 if there was none, or while it runs
 * @param oomKilled whether the kernel ended a process of it for want of memory
 * @param error why the latest start failed or how the supervisor was lost, else empty
 * @param health what its health check has found, null if it has none
 * @param ports what is published of it while it runs
 */
public record Observed(
        ContainerId id,
        int generation,
        long revision,
        Status status,
        long starts,
        int restarts,
        int pid,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        int exitCode,
        boolean oomKilled,
        String error,
        @Nullable Health health,
        List<PublishedPort> ports) {
    public Observed {
        // One that was written down before there were any has none.
        ports = ports == null ? List.of() : List.copyOf(ports);
    }

    /** Of which nothing is published. */
    @SuppressWarnings("checkstyle:ParameterNumber") // a record with fewer fields
    public Observed(
            ContainerId id,
            int generation,
            long revision,
            Status status,
            long starts,
            int restarts,
            int pid,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            int exitCode,
            boolean oomKilled,
            String error,
            @Nullable Health health) {
        this(
                id,
                generation,
                revision,
                status,
                starts,
                restarts,
                pid,
                startedAt,
                finishedAt,
                exitCode,
                oomKilled,
                error,
                health,
                List.of());
    }

    /** The same under another revision. */
    public Observed at(long number) {
        return new Observed(
                id,
                generation,
                number,
                status,
                starts,
                restarts,
                pid,
                startedAt,
                finishedAt,
                exitCode,
                oomKilled,
                error,
                health,
                ports);
    }

    /** The same, begun at another time. */
    public Observed startedAt(Instant time) {
        return new Observed(
                id,
                generation,
                revision,
                status,
                starts,
                restarts,
                pid,
                time,
                finishedAt,
                exitCode,
                oomKilled,
                error,
                health,
                ports);
    }

    /** The same with another exit code. */
    public Observed exitCode(int code) {
        return new Observed(
                id,
                generation,
                revision,
                status,
                starts,
                restarts,
                pid,
                startedAt,
                finishedAt,
                code,
                oomKilled,
                error,
                health,
                ports);
    }

    /**
     * A port that is published.
     *
     * @param port of the container
     * @param protocol {@code tcp}, {@code udp} or {@code sctp}
     * @param hostAddress of the node: {@code 0.0.0.0}, {@code ::}, {@code 127.0.0.1}
     * @param hostPort there
     */
    public record PublishedPort(int port, String protocol, String hostAddress, int hostPort) {}

    /** What a container is doing, as far as an agent can tell. */
    public enum Status {
        CREATED,
        RUNNING,
        /** Its processes are frozen. */
        PAUSED,
        /** Its process has ended, and its restart policy is about to start it again. */
        RESTARTING,
        EXITED,
        /** Gone, with all it had; the agent remembers it until the service that owns it has seen that. */
        REMOVED;

        /** Whether there is a process. */
        public boolean hasProcess() {
            return this == RUNNING || this == PAUSED;
        }
    }
}
