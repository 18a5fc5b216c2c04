/** List, inspect and history: what is told of images. */
@NullMarked
package io.longshore.image.query;

import org.jspecify.annotations.NullMarked;
