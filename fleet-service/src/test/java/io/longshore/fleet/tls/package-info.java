/** Parts that speak to each other over TCP. */
@NullMarked
package io.longshore.fleet.tls;

import org.jspecify.annotations.NullMarked;
