/** The agent's HTTP interface: {@code contracts.agent.AgentApi} and the streams of {@code AgentPaths} for containers. */
@NullMarked
package io.longshore.agent.api;

import org.jspecify.annotations.NullMarked;
