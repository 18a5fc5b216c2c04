/** The answers that are about the whole: ping, version, info. */
@NullMarked
package io.longshore.gateway.system;

import org.jspecify.annotations.NullMarked;
