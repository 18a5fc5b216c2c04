/** Waiting for the end of a container. */
@NullMarked
package io.longshore.container.wait;

import org.jspecify.annotations.NullMarked;
