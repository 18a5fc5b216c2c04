/** Where containers run: which nodes there are, which one a container gets, and how to reach a node's agent. */
@NullMarked
package io.longshore.container.placement;

import org.jspecify.annotations.NullMarked;
