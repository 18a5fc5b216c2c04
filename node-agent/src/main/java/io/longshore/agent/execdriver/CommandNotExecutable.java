package io.longshore.agent.execdriver;

import io.longshore.contracts.error.Failure;

/** A command cannot be executed. The docker CLI reads its own exit code from the words of the message. */
public final class CommandNotExecutable extends Failure.Invalid {
    private final int exitCode;

    /**
     * @param exitCode 127 if there is no such file, else 126
     * @param task what failed, in Docker's words: {@link StartWords}
     * @param reason as runc words it: {@code exec: "foo": executable file not found in $PATH}
     */
    public CommandNotExecutable(int exitCode, StartWords task, String reason) {
        super(task.prefix() + "unable to start container process: " + reason);
        this.exitCode = exitCode;
    }

    /** What the process's exit code is to be. */
    public int exitCode() {
        return exitCode;
    }
}
