package io.longshore.agent.stage;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Syscalls;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Takes away the supervisors that have ended. They are children of this JVM, which nobody else waits for; those of a former
 * agent belong to init. A sweep is one waitpid(2) that never waits per supervisor.
 */
final class Reaper implements AutoCloseable {
    /** A zombie costs a process id and a few KB; a second of it hurts nobody. */
    private static final long SWEEP_MS = 1000;

    private final Syscalls syscalls;
    private final Set<Integer> children = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService sweeps = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("supervisor-reaper").factory());
    private final Future<?> sweeping;

    Reaper(Syscalls syscalls) {
        this.syscalls = syscalls;
        sweeping = sweeps.scheduleWithFixedDelay(this::sweep, SWEEP_MS, SWEEP_MS, TimeUnit.MILLISECONDS);
    }

    void watch(int pid) {
        children.add(pid);
    }

    private void sweep() {
        children.removeIf(this::gone);
    }

    private boolean gone(int pid) {
        try {
            return syscalls.reap(pid).isPresent();
        } catch (ErrnoException e) {
            return true; // ECHILD: somebody else has waited for it
        }
    }

    /** A last sweep; what still runs is init's once this JVM ends. */
    @Override
    public void close() {
        sweeping.cancel(false);
        sweeps.shutdownNow();
        sweep();
    }
}
