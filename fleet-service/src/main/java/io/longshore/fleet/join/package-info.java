/** How machines become nodes of the fleet: tokens that let them in, and the certificates that they get for them. */
@NullMarked
package io.longshore.fleet.join;

import org.jspecify.annotations.NullMarked;
