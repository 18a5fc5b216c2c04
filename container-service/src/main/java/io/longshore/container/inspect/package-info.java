/** What clients are shown of one container. */
@NullMarked
package io.longshore.container.inspect;

import org.jspecify.annotations.NullMarked;
