/** Volumes that are names only, for agents that take nothing from the kernel. */
@NullMarked
package io.longshore.agent.volumedriver.simulated;

import org.jspecify.annotations.NullMarked;
