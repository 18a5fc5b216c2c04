/** Consistency under load, and what a crash of Longshore may not lose. */
@NullMarked
package io.longshore.acceptance.crash;

import org.jspecify.annotations.NullMarked;
