/** The graph driver SPI: unpacked layers by chain id, and containers' own layers on top of them. Implementations are sub-packages that nothing outside names. */
@NullMarked
package io.longshore.agent.graphdriver;

import org.jspecify.annotations.NullMarked;
