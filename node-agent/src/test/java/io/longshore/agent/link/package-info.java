/** Links between containers of the default network: what one is told of the others. */
@NullMarked
package io.longshore.agent.link;

import org.jspecify.annotations.NullMarked;
