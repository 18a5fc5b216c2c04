/** network-service: networks, the endpoints that containers have on them, and the claims on both. */
@NullMarked
package io.longshore.network;

import org.jspecify.annotations.NullMarked;
