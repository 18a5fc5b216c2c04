/** Calls from one part to another: contract interfaces over HTTP. */
@NullMarked
package io.longshore.platform.client;

import org.jspecify.annotations.NullMarked;
