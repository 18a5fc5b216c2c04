package io.longshore.agent.graphdriver.vfs;

import io.longshore.agent.graphdriver.ChangeListener.Kind;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sums up what a container has changed or added. A file with several names counts once. For one walk. */
final class OwnBytes implements TreeComparison.Visit {
    /** What a remembered file takes: a number, and its entry in the set. */
    private static final long REMEMBERED = 64;

    private final ContainerId container;
    private final WalkMemory.Share memory;
    private final long deadline;
    private final Set<Long> seen = new HashSet<>();
    private long bytes;

    OwnBytes(ContainerId container, WalkMemory.Share memory, Duration limit) {
        this.container = container;
        this.memory = memory;
        this.deadline = System.nanoTime() + limit.toNanos();
    }

    long bytes() {
        return bytes;
    }

    @Override
    public void changed(Kind kind, ContainerRoot at, String name, String path, @Nullable FileStatus status) {
        if (status != null && !status.isDirectory() && !(status.links() > 1 && isCounted(status.inode()))) {
            bytes += status.size();
        }
    }

    private boolean isCounted(long inode) {
        if (seen.contains(inode)) {
            return true;
        }
        if (memory.tryTake(REMEMBERED)) {
            seen.add(inode);
        }
        return false;
    }

    @Override
    public void passing() {
        if (System.nanoTime() - deadline > 0) {
            throw new Failure.DeadlineExceeded("deadline exceeded: container " + container
                    + " has too many files to be compared with its image in time");
        }
    }
}
