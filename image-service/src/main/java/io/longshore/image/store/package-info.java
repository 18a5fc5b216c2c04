/** The rows of images: what is known of them, and how a name leads to one. */
@NullMarked
package io.longshore.image.store;

import org.jspecify.annotations.NullMarked;
