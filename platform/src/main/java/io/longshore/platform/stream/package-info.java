/** Byte streams over HTTP, one way and both ways, on the client's and on the server's side. */
@NullMarked
package io.longshore.platform.stream;

import org.jspecify.annotations.NullMarked;
