/** How agents are had to move layers from and to registries, and what is written there beside layers. */
@NullMarked
package io.longshore.image.transfer;

import org.jspecify.annotations.NullMarked;
