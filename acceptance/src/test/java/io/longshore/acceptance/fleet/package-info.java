/** A fleet on this machine: three nodes, three replicas of each service, and what goes wrong with them. */
@NullMarked
package io.longshore.acceptance.fleet;

import org.jspecify.annotations.NullMarked;
