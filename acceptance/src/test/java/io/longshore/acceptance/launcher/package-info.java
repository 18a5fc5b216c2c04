/** The launcher script and the README, followed literally on a clean clone. */
@NullMarked
package io.longshore.acceptance.launcher;

import org.jspecify.annotations.NullMarked;
