/** Images and tar archives made on the spot, the hostile ones included. */
@NullMarked
package io.longshore.testbed.image;

import org.jspecify.annotations.NullMarked;
