/** The agent that keeps the images. */
@NullMarked
package io.longshore.image.node;

import org.jspecify.annotations.NullMarked;
