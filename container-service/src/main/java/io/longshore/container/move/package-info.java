/** Containers on their way to another node, and those that stay, as rows. */
@NullMarked
package io.longshore.container.move;

import org.jspecify.annotations.NullMarked;
