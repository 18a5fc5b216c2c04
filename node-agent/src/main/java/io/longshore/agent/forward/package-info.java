/** Ports of this node that lead to containers on other nodes. */
@NullMarked
package io.longshore.agent.forward;

import org.jspecify.annotations.NullMarked;
