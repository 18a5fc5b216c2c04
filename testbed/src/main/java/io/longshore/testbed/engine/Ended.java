package io.longshore.testbed.engine;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Ends processes that this test started. */
public final class Ended {
    private Ended() {}

    /** SIGTERM to each, and SIGKILL to those that have not ended half a minute later. */
    static void stop(List<Process> all) {
        all.forEach(process -> process.toHandle().destroy());
        for (Process process : all) {
            try {
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    kill(process);
                }
            } catch (InterruptedException e) {
                kill(process);
                Thread.currentThread().interrupt();
            }
        }
    }

    /** SIGKILL to the process and all that descends from it, and waits for their end. */
    public static void kill(Process process) {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        await(process.toHandle());
        all.forEach(Ended::await);
    }

    /** Waits at most ten seconds for the process to be gone. */
    static void await(ProcessHandle process) {
        try {
            process.onExit().get(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new IllegalStateException("process " + process.pid() + " does not end after SIGKILL", e);
        }
    }
}
