/** Exec sessions of this node: further processes in containers that run, followed from their making to the receipt for their end. */
@NullMarked
package io.longshore.agent.session;

import org.jspecify.annotations.NullMarked;
