/** The standalone form as a program: how it starts and ends, and what it refuses. */
@NullMarked
package io.longshore.acceptance.standalone;

import org.jspecify.annotations.NullMarked;
