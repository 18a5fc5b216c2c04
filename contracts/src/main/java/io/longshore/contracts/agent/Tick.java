package io.longshore.contracts.agent;

import org.jspecify.annotations.Nullable;

/**
 * One object of the stream {@link AgentPaths#stats}.
 *
 * @param sample what was read, null when the container did not run
 */
public record Tick(@Nullable Sample sample) {}
