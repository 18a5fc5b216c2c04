/** Clients of many kinds that are cut off by a crash, and what must hold after it: a {@code Load} of {@code Life}s. */
@NullMarked
package io.longshore.acceptance.crash.load;

import org.jspecify.annotations.NullMarked;
