/** The exec driver SPI: runs a container's processes. Implementations are sub-packages that only the agent's wiring names. */
@NullMarked
package io.longshore.agent.execdriver;

import org.jspecify.annotations.NullMarked;
