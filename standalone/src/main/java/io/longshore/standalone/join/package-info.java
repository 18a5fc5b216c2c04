/** {@code ./longshore join}: makes this machine a node of a fleet. */
@NullMarked
package io.longshore.standalone.join;

import org.jspecify.annotations.NullMarked;
