/** A service behind the gateway, made for its tests. */
@NullMarked
package io.longshore.upstream;

import org.jspecify.annotations.NullMarked;
