/** The node's own network. */
@NullMarked
package io.longshore.agent.networkdriver.host;

import org.jspecify.annotations.NullMarked;
