package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Note;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Started;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** What there is of a process beside its supervisor and its files, by its note: whether anything runs, and how to end it. */
sealed interface Remains {
    /** Whether nothing runs any more. */
    boolean ended(Note note);

    /** Ends what runs; nothing does when this returns, but for a process in an uninterruptible wait. */
    void kill(Note note);

    /** Whether the kernel has killed any of it for want of memory. */
    boolean oomKilled(Note note);

    /** Takes away what was made for it, if nothing runs; false if something does. */
    boolean removeIfEnded(Note note);

    /** Takes away what was made for it. */
    void remove(Note note);

    /** A container is all that is in its cgroup. */
    record OfContainer(Cgroups cgroups) implements Remains {
        @Override
        public boolean ended(Note note) {
            return cgroups.processes(note.cgroup()).isEmpty();
        }

        @Override
        public void kill(Note note) {
            cgroups.kill(note.cgroup());
        }

        @Override
        public boolean oomKilled(Note note) {
            return cgroups.oomKills(note.cgroup()) > 0;
        }

        @Override
        public boolean removeIfEnded(Note note) {
            return cgroups.removeIfEmpty(note.cgroup());
        }

        @Override
        public void remove(Note note) {
            cgroups.remove(note.cgroup());
        }
    }

    /** A session is its one process; what that has begun is the container's, as in Docker. */
    record OfSession() implements Remains {
        /** For a process that has been killed; one in an uninterruptible wait takes longer, and is left to it. */
        private static final Duration DIES = Duration.ofSeconds(3);

        @Override
        public boolean ended(Note note) {
            Started started = note.started();
            return started == null || !started.process().isAlive();
        }

        @Override
        public void kill(Note note) {
            Started started = note.started();
            if (started != null) {
                started.process().kill();
                awaitEnd(started.process());
            } else if (note.supervisor() != null) {
                // What waits at the gate, or runs the last of its list, ends with its supervisor.
                note.supervisor().kill();
            }
        }

        private static void awaitEnd(ProcessIdentity process) {
            long deadline = System.nanoTime() + DIES.toNanos();
            while (process.isAlive() && System.nanoTime() < deadline) {
                LockSupport.parkNanos(1_000_000);
            }
        }

        @Override
        public boolean oomKilled(Note note) {
            return false;
        }

        @Override
        public boolean removeIfEnded(Note note) {
            return ended(note);
        }

        @Override
        public void remove(Note note) {
            // Nothing was made for it.
        }
    }
}
