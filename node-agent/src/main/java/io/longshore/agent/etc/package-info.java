/** What a container's /etc/resolv.conf and /etc/hosts say, as pure functions. */
@NullMarked
package io.longshore.agent.etc;

import org.jspecify.annotations.NullMarked;
