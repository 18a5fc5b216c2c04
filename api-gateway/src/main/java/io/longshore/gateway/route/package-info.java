/** Which part serves which operation of the Engine API. */
@NullMarked
package io.longshore.gateway.route;

import org.jspecify.annotations.NullMarked;
