package io.longshore.agent.linux.path;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import java.util.ArrayList;
import java.util.List;

/**
 * The names in a directory, without {@code .} and {@code ..}, in runs: each is sorted, and nearly always there is only one. What a
 * container filled with more names than memory is given for is gone through in several. What is added or removed meanwhile may be among
 * them or not. For one thread.
 */
public final class Listing implements AutoCloseable {
    /** Some 20,000 names of a common length. */
    private static final long LARGEST_RUN = 2 << 20;
    /** A string, its array, and its place in a list. */
    private static final long NAME_OVERHEAD = 56;

    private final Syscalls syscalls;
    private final Fd directory;
    private final WalkMemory.Share memory;
    private long held;
    private boolean over;

    /** @param directory opened for reading; closed with this, or as soon as all names are read */
    Listing(Syscalls syscalls, Fd directory, WalkMemory.Share memory) {
        this.syscalls = syscalls;
        this.directory = directory;
        this.memory = memory;
    }

    /**
     * The next run, which ends the one before; empty when there is no more.
     *
     * @throws io.longshore.contracts.error.Failure.Invalid if the walk remembers too much already; {@code Unavailable} if others do
     */
    public List<String> next() throws ErrnoException {
        giveBack();
        List<String> run = new ArrayList<>();
        while (!over && (run.isEmpty() || held < LARGEST_RUN)) {
            List<String> block = syscalls.nextEntries(directory);
            over = block.isEmpty();
            long bytes = block.stream()
                    .mapToLong(name -> NAME_OVERHEAD + 2L * name.length())
                    .sum();
            boolean taken = memory.tryTake(bytes);
            if (!taken && run.isEmpty()) {
                memory.take(bytes, "the names in directories within each other");
                taken = true;
            }
            held += taken ? bytes : 0;
            run.addAll(block);
            if (!taken) {
                break; // It is read already, so it is given; no more comes to it.
            }
        }
        if (over) {
            directory.close(); // Most are read to the end at once: a walk goes deep, and holds fewer descriptors.
        }
        run.sort(null);
        return run;
    }

    private void giveBack() {
        memory.give(held);
        held = 0;
    }

    @Override
    public void close() {
        giveBack();
        directory.close();
    }
}
