/** Sandboxes without a kernel. */
@NullMarked
package io.longshore.agent.networkdriver.simulated;

import org.jspecify.annotations.NullMarked;
