/** The Engine's paths on networks that have to know which containers run: inspect, connect, disconnect, remove and prune. */
@NullMarked
package io.longshore.container.network;

import org.jspecify.annotations.NullMarked;
