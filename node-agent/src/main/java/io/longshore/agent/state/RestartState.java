package io.longshore.agent.state;

/**
 * What a restart policy has to remember.
 *
 * @param count how often it has started the container since that was last started by a command
 * @param stopped whether the container was stopped by a command since
 */
public record RestartState(int count, boolean stopped) {
    /** Before anything has happened. */
    public static final RestartState NONE = new RestartState(0, false);
}
