/** Load, import and tag: how images and names come. */
@NullMarked
package io.longshore.image.intake;

import org.jspecify.annotations.NullMarked;
