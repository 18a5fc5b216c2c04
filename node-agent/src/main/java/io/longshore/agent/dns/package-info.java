/**
 * The embedded DNS server: 127.0.0.11 of every sandbox that is on a user-defined network, as Docker Engine has it.
 * {@link io.longshore.agent.dns.EmbeddedDns} serves all sandboxes from one thread.
 */
@NullMarked
package io.longshore.agent.dns;

import org.jspecify.annotations.NullMarked;
