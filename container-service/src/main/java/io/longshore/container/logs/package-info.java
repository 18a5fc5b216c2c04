/** What containers have written. */
@NullMarked
package io.longshore.container.logs;

import org.jspecify.annotations.NullMarked;
