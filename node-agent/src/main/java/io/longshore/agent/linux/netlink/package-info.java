/** Netlink in Java: messages encoded and read by hand, sent over the sockets that {@link io.longshore.agent.linux.Syscalls} opens. */
@NullMarked
package io.longshore.agent.linux.netlink;

import org.jspecify.annotations.NullMarked;
