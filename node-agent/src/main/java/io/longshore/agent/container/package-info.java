/** The containers of this node: what may be done with each, in which order the drivers do it, and what others see of it. */
@NullMarked
package io.longshore.agent.container;

import org.jspecify.annotations.NullMarked;
