/** DNS messages as bytes: what clients and other servers send, and what goes back to them. Parsed and encoded with dnsjava. */
@NullMarked
package io.longshore.agent.dns.wire;

import org.jspecify.annotations.NullMarked;
