package io.longshore.contracts.agent;

import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.ExecId;
import java.util.List;

/**
 * An exec session, typed and resolved: one more process in a container that runs. What is not said here is as for the container's first
 * process.
 *
 * @param id identity
 * @param container where it runs
 * @param arguments never empty; the first is looked up on PATH when it has no slash
 * @param environment NAME=value, in addition to the container's own and stronger than that
 * @param user {@code user[:group]}; empty for the container's
 * @param workingDirectory absolute, must be there; empty for the container's
 * @param tty whether it has a terminal of its own
 * @param openStdin whether its standard input comes from the client; otherwise it is /dev/null
 * @param privileged whether it has all capabilities of the node
 */
public record SessionSpec(
        ExecId id,
        ContainerId container,
        List<String> arguments,
        List<String> environment,
        String user,
        String workingDirectory,
        boolean tty,
        boolean openStdin,
        boolean privileged) {}
