/** volume-service: volumes, and the claims of containers on them. */
@NullMarked
package io.longshore.volume;

import org.jspecify.annotations.NullMarked;
