/** The launcher script and the README, followed literally on a clean clone. */
@NullMarked
package io.longshore.launcher;

import org.jspecify.annotations.NullMarked;
