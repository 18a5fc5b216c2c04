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
    /** Its processes are frozen. */
    PAUSED,
    /** Its process has ended, and its restart policy is about to start it again. */
    RESTARTING,
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

    /** Whether it is on, though its process may just be between two lives: what the Engine API calls running. */
    public boolean alive() {
        return hasProcess() || this == RESTARTING;
    }

    /** Whether its process can get a signal. */
    public boolean hasProcess() {
        return this == RUNNING || this == PAUSED;
    }

    /** Whether its limits and its restart policy may be changed. */
    public boolean canUpdate() {
        return this != CREATING && this != REMOVING;
    }
}
