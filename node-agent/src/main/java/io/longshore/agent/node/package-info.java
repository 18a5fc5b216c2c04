/** This node: who it is, what it has, and its sign of life. */
@NullMarked
package io.longshore.agent.node;

import org.jspecify.annotations.NullMarked;
