/** Copying into containers and out of them, what they have changed, and making images of them. */
@NullMarked
package io.longshore.container.archive;

import org.jspecify.annotations.NullMarked;
