/** Passes requests on to the services, streams included. */
@NullMarked
package io.longshore.gateway.proxy;

import org.jspecify.annotations.NullMarked;
