/** What comes from outside and means harm, on whichever way it comes. */
@NullMarked
package io.longshore.acceptance.hostile;

import org.jspecify.annotations.NullMarked;
