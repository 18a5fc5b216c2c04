/** A part that cannot finish its start. */
@NullMarked
package io.longshore.platform.run.twodoors;

import org.jspecify.annotations.NullMarked;
