/** The network driver SPI: sandboxes and their endpoints. Implementations are sub-packages that only the agent's wiring names. */
@NullMarked
package io.longshore.agent.networkdriver;

import org.jspecify.annotations.NullMarked;
