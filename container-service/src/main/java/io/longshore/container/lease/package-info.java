/** Shard leases: which replica works for which nodes, and the epoch that goes with every command to an agent. */
@NullMarked
package io.longshore.container.lease;

import org.jspecify.annotations.NullMarked;
