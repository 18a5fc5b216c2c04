package io.longshore.container.state;

import java.util.Locale;

/** Where a container is in its life, and what may be done with it there. */
public enum ContainerState {
    /** Written down; volumes are being made. Nobody but its creator and the reconcile loop sees it. */
    CREATING,
    /** Complete, and never run. */
    CREATED,
    /** Its process runs. */
    RUNNING,
    /** Its process has ended. */
    EXITED,
    /** On its way out: the removal goes on whatever happens. */
    REMOVING;

    /** The state as the Engine API writes it. */
    public String engineName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether clients see it. */
    public boolean visible() {
        return this != CREATING;
    }

    /** Whether a start may be asked for. */
    public boolean canStart() {
        return this == CREATED || this == EXITED;
    }

    /** Whether its process can get a signal. */
    public boolean canKill() {
        return this == RUNNING;
    }

    /** Whether it may be removed without force. */
    public boolean canRemove() {
        return this != RUNNING;
    }
}
