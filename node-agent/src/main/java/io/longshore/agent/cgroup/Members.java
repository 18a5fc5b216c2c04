package io.longshore.agent.cgroup;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Syscalls;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The processes of a cgroup: who they are, and how they are ended. Thread-safe. */
final class Members {
    private static final Logger LOG = LoggerFactory.getLogger(Members.class);
    private static final Duration KILL_DEADLINE = Duration.ofSeconds(10);
    /** Milliseconds between tries, by which what only takes its time to die is gone. */
    private static final long HOLD_AFTER = 8;

    private static final int SIGKILL = 9;

    private final List<Hierarchy> hierarchies;
    private final Freezer freezer;
    private final Syscalls syscalls;

    Members(List<Hierarchy> hierarchies, Freezer freezer, Syscalls syscalls) {
        this.hierarchies = hierarchies;
        this.freezer = freezer;
        this.syscalls = syscalls;
    }

    /** The processes in a cgroup and below, as this process sees their ids. */
    Set<Integer> of(CgroupPath path) {
        Set<Integer> found = new TreeSet<>();
        for (Hierarchy hierarchy : hierarchies) {
            collect(hierarchy.directory(path), found);
        }
        return found;
    }

    private static void collect(Path directory, Set<Integer> into) {
        try {
            for (String line : Files.readAllLines(directory.resolve("cgroup.procs"))) {
                int pid = Integer.parseInt(line.strip());
                if (pid > 0) {
                    into.add(pid);
                }
            }
            // Of a directory's links one is its own, one its parent's, and one of each directory in it.
            if ((int) Files.getAttribute(directory, "unix:nlink") != 2) {
                for (Path child : Cgroups.children(directory)) {
                    collect(child, into);
                }
            }
        } catch (IOException e) {
            // Gone, or going: nothing is in it.
        }
    }

    /** Kills every process in a cgroup, and waits until they are gone; {@code Internal} if some are left after 10 s. */
    void kill(CgroupPath path) {
        long deadline = System.nanoTime() + KILL_DEADLINE.toNanos();
        long pause = 1;
        while (true) {
            Set<Integer> left = of(path);
            if (left.isEmpty()) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new Failure.Internal("processes " + left + " of cgroup " + path + " do not end after SIGKILL");
            }
            if (!killAtOnce(path)) {
                killEach(path, pause >= HOLD_AFTER);
            }
            // Who is frozen by version 1, or on the way there, does not even die, also where cgroup.kill of a version 2
            // tree beside it has sent
            // the signal.
            freezer.thaw(path);
            Cgroups.sleep(pause);
            pause = Math.min(pause * 2, 50);
        }
    }

    /** @param hold whether to stop them first: who forks faster than it is killed would go on for ever */
    private void killEach(CgroupPath path, boolean hold) {
        if (hold) {
            try {
                freezer.freeze(path);
            } catch (Failure e) {
                LOG.debug("cgroup {} is killed as it runs", path, e);
            }
        }
        of(path).forEach(this::killOne);
    }

    /** By cgroup.kill (version 2, Linux 5.14): nothing can fork its way out. */
    private boolean killAtOnce(CgroupPath path) {
        for (Hierarchy hierarchy : hierarchies) {
            Path file = hierarchy.directory(path).resolve("cgroup.kill");
            if (hierarchy.unified() && Files.exists(file)) {
                try {
                    Set<Integer> inside = new TreeSet<>();
                    collect(hierarchy.directory(path), inside);
                    Files.writeString(file, "1", StandardOpenOption.WRITE);
                    return inside.containsAll(of(path));
                } catch (IOException e) {
                    return false;
                }
            }
        }
        return false;
    }

    private void killOne(int pid) {
        try {
            syscalls.kill(pid, SIGKILL);
        } catch (ErrnoException e) {
            // It has ended by itself.
        }
    }
}
