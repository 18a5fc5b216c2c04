/** The engines that the cases run against, each started once for all of them. */
@NullMarked
package io.longshore.acceptance.running;

import org.jspecify.annotations.NullMarked;
