/** A graph driver that checks and counts layers but unpacks nothing, and needs no root. */
@NullMarked
package io.longshore.agent.graphdriver.simulated;

import org.jspecify.annotations.NullMarked;
