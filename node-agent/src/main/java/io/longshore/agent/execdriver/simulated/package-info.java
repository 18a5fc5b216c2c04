/** Containers without a kernel: for agents that stand in for a fleet, and for tests of everything above. */
@NullMarked
package io.longshore.agent.execdriver.simulated;

import org.jspecify.annotations.NullMarked;
