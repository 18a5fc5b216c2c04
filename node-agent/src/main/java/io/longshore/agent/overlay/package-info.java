/** What a node is told of others on its networks. */
@NullMarked
package io.longshore.agent.overlay;

import org.jspecify.annotations.NullMarked;
