/** The sandboxes of this node's containers and what is in them: libnetwork's controller. */
@NullMarked
package io.longshore.agent.sandbox;

import org.jspecify.annotations.NullMarked;
