package io.longshore.agent.stage.supervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which process a number means: process ids are used again, a number together with its start time is not (until the machine
 * boots again).
 *
 * @param startTicks field 22 of /proc/PID/stat, as {@link SupervisorStatus} and {@link ExitRecord} have it
 */
public record ProcessIdentity(int pid, long startTicks) {
    /** Whether the very process still exists; one that has ended and is not reaped yet does not count. */
    public boolean isAlive() {
        return startTicks(pid).equals(OptionalLong.of(startTicks));
    }

    /** Ends the very process, if it still exists. */
    public void kill() {
        ProcessHandle.of(pid).filter(process -> isAlive()).ifPresent(ProcessHandle::destroyForcibly);
    }

    /** The process that has the number now; empty if none has, or it has ended. */
    public static Optional<ProcessIdentity> of(int pid) {
        OptionalLong ticks = startTicks(pid);
        return ticks.isPresent() ? Optional.of(new ProcessIdentity(pid, ticks.getAsLong())) : Optional.empty();
    }

    /** The start time of whatever process has the number now; empty if none has, or it has ended. */
    public static OptionalLong startTicks(int pid) {
        String stat;
        try {
            stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return OptionalLong.empty();
        }
        // The second field is the command in parentheses and may hold anything; the third is the state.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return fields[0].equals("Z") || fields[0].equals("X")
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(fields[19]));
    }
}
