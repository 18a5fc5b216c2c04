/** Keeps rows and nodes in step: shard leases, the watch on every agent's changes, and the loop that finishes or undoes what was left half done. */
@NullMarked
package io.longshore.container.reconcile;

import org.jspecify.annotations.NullMarked;
