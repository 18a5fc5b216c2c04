/** Attaching to a container's input and output. */
@NullMarked
package io.longshore.container.attach;

import org.jspecify.annotations.NullMarked;
