/** A fleet of one node, for tests. */
@NullMarked
package io.longshore.image.fleet;

import org.jspecify.annotations.NullMarked;
