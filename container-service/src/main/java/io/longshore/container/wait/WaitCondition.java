package io.longshore.container.wait;

import io.longshore.container.state.ContainerRow;
import io.longshore.contracts.error.Failure;

/** What a wait is for (Engine API, ContainerWait). */
enum WaitCondition {
    /** It does not run, or has ended since, even if it was started again meanwhile. */
    NOT_RUNNING,
    /** It ends once more. */
    NEXT_EXIT,
    /** It is gone. */
    REMOVED;

    static WaitCondition parse(String text) {
        return switch (text) {
            case "", "not-running" -> NOT_RUNNING;
            case "next-exit" -> NEXT_EXIT;
            case "removed" -> REMOVED;
            default -> throw new Failure.Invalid("invalid condition: \"" + text + "\"");
        };
    }

    /** Whether the row, as it is now, is what was waited for since it was {@code first}. */
    boolean met(ContainerRow first, ContainerRow now) {
        return switch (this) {
            case NOT_RUNNING -> !now.state().alive() || now.exits() > first.exits();
            case NEXT_EXIT -> now.exits() > first.exits();
            case REMOVED -> false;
        };
    }
}
