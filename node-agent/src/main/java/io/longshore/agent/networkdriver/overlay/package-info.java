/** Networks that span nodes: on each a bridge, as another driver makes it, and a tunnel (VXLAN, RFC 7348) that is a port of it. */
@NullMarked
package io.longshore.agent.networkdriver.overlay;

import org.jspecify.annotations.NullMarked;
