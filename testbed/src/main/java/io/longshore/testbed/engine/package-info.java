/** Engines that serve the Engine API on a unix socket of their own: Debian's Docker Engine and Longshore in its two forms. */
@NullMarked
package io.longshore.testbed.engine;

import org.jspecify.annotations.NullMarked;
