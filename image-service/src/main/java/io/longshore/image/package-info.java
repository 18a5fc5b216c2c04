/** Images: their names, configurations, layers and who uses them. */
@NullMarked
package io.longshore.image;

import org.jspecify.annotations.NullMarked;
