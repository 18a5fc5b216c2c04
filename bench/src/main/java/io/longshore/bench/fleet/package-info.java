/** The benchmark of a whole fleet: agents with simulated drivers, many to a JVM, beside one Longshore. */
@NullMarked
package io.longshore.bench.fleet;

import org.jspecify.annotations.NullMarked;
