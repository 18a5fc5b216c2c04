/** Tells nodes what there is on others of the networks that span them. */
@NullMarked
package io.longshore.container.overlay;

import org.jspecify.annotations.NullMarked;
