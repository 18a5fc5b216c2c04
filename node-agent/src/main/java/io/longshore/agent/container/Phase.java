package io.longshore.agent.container;

import io.longshore.contracts.agent.Observed;

/** Where a container is in its life on this node, and what may be asked of it there. */
enum Phase {
    /** Its layers and volumes are being made, or their making failed. */
    CREATING(Observed.Status.CREATED),
    CREATED(Observed.Status.CREATED),
    /** Sandbox, endpoint and process are being made. */
    STARTING(Observed.Status.CREATED),
    RUNNING(Observed.Status.RUNNING),
    /** Its processes are frozen. */
    PAUSED(Observed.Status.PAUSED),
    /** It has ended, and will be started again after a pause. */
    RESTARTING(Observed.Status.RESTARTING),
    EXITED(Observed.Status.EXITED),
    /** What it had is being taken away; there is no way back. */
    REMOVING(Observed.Status.EXITED),
    REMOVED(Observed.Status.REMOVED);

    private final Observed.Status status;

    Phase(Observed.Status status) {
        this.status = status;
    }

    /** How others see it. A failed removal of a container that never ran shows as EXITED, too: it can only be removed. */
    Observed.Status status() {
        return status;
    }

    /** Whether a process may be started. */
    boolean mayStart() {
        return this == CREATED || this == EXITED || this == RESTARTING;
    }

    /** Whether there is a process that a signal can reach. */
    boolean maySignal() {
        return this == RUNNING || this == PAUSED;
    }

    /** Whether a process of it may end. */
    boolean mayEnd() {
        return this == STARTING || this == RUNNING || this == PAUSED;
    }

    /** Whether further processes may be started in it. */
    boolean mayExec() {
        return this == RUNNING;
    }

    /** Whether it may be taken away without killing anything. */
    boolean mayRemove() {
        return !mayEnd() && this != RESTARTING;
    }

    /** Whether its limits and its restart policy may be changed. */
    boolean mayUpdate() {
        return this != REMOVING && this != REMOVED && this != CREATING;
    }

    /** Whether a client may attach now or wait for the next start. */
    boolean mayAttach() {
        return this != REMOVING && this != REMOVED;
    }

    /** Whether more may come into its log. */
    boolean mayWrite() {
        return mayEnd();
    }
}
