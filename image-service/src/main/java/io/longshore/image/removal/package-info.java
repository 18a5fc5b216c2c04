/** Untag, delete and prune, and the removal of layers that no image needs. */
@NullMarked
package io.longshore.image.removal;

import org.jspecify.annotations.NullMarked;
