package io.longshore.agent.stage.supervisor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * What a supervisor says of its process; {@code struct status_report} in {@code protocol.h}.
 *
 * @param pid of the process, as the host sees it; 0 if none was made
 * @param startTicks its start time as /proc/PID/stat has it: with the pid, its identity
 * @param created when it waited at the gate; the epoch if it did not yet
 * @param started when execve succeeded; the epoch if it did not yet
 * @param finished when it ended; the epoch if it did not yet
 * @param exitStatus exit code, or 128 + signal; meaningful in EXITED
 * @param supervisorPid of the supervisor itself
 * @param droppedLogLines lines that the log has lost, as on a full disk
 * @param failure what went wrong, meaningful in FAILED
 */
public record SupervisorStatus(
        State state,
        int pid,
        long startTicks,
        Instant created,
        Instant started,
        Instant finished,
        int exitStatus,
        int supervisorPid,
        long droppedLogLines,
        StageFailure.Report failure) {
    private static final int FIXED_SIZE = 64;

    /** In the order in which a process goes through them; the last three are ends. */
    public enum State {
        /** The prepare, parent and child lists are running. */
        PREPARING,
        /** The process waits at the gate. */
        CREATED,
        /** The start list is running. */
        STARTING,
        STARTED,
        EXITED,
        FAILED,
        ABORTED;

        private static final State[] BY_NUMBER = values();

        public boolean isEnd() {
            return this == EXITED || this == FAILED || this == ABORTED;
        }
    }

    /** The process, by number and start time. */
    public ProcessIdentity process() {
        return new ProcessIdentity(pid, startTicks);
    }

    static SupervisorStatus parse(byte[] payload) {
        ByteBuffer b = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
        if (payload.length < FIXED_SIZE || b.get(0) < 0 || b.get(0) >= State.BY_NUMBER.length) {
            throw new IllegalArgumentException("a status of " + payload.length + " bytes from the supervisor");
        }
        String label = new String(payload, FIXED_SIZE, payload.length - FIXED_SIZE, StandardCharsets.UTF_8);
        return new SupervisorStatus(
                State.BY_NUMBER[b.get(0)],
                b.getInt(4),
                b.getLong(8),
                time(b.getLong(16)),
                time(b.getLong(24)),
                time(b.getLong(32)),
                b.getInt(40),
                b.getInt(52),
                b.getLong(56),
                new StageFailure.Report(b.get(1), b.getInt(44), b.getInt(48), label));
    }

    private static Instant time(long nanoseconds) {
        return Instant.ofEpochSecond(0, nanoseconds);
    }
}
