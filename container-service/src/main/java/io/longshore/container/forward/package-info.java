/** Published ports answer where clients reach the fleet, whichever node runs the container. */
@NullMarked
package io.longshore.container.forward;

import org.jspecify.annotations.NullMarked;
