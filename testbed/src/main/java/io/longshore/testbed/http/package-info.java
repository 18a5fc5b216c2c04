/** A small HTTP/1.1 client over unix sockets that hides nothing of the wire. */
@NullMarked
package io.longshore.testbed.http;

import org.jspecify.annotations.NullMarked;
