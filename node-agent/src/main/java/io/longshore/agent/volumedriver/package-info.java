/** The volume driver SPI: where a volume's data lies on this node. */
@NullMarked
package io.longshore.agent.volumedriver;

import org.jspecify.annotations.NullMarked;
