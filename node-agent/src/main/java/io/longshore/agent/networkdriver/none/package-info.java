/** The network that has nothing but loopback. */
@NullMarked
package io.longshore.agent.networkdriver.none;

import org.jspecify.annotations.NullMarked;
