package io.longshore.agent.execdriver;

import io.longshore.contracts.error.Failure;

/** The container's command cannot be executed. The docker CLI reads its own exit code from the words of the message. */
public final class CommandNotExecutable extends Failure.Invalid {
    private final int exitCode;

    /**
     * @param exitCode 127 if there is no such file, else 126
     * @param reason as runc words it: {@code exec: "foo": executable file not found in $PATH}
     */
    public CommandNotExecutable(int exitCode, String reason) {
        super("failed to create task for container: unable to start container process: " + reason);
        this.exitCode = exitCode;
    }

    /** What the container's exit code is to be. */
    public int exitCode() {
        return exitCode;
    }
}
