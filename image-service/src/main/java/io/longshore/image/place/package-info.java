/** Where images are, how they come to other nodes, and what other parts ask about them. */
@NullMarked
package io.longshore.image.place;

import org.jspecify.annotations.NullMarked;
