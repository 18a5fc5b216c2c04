/** Lists and counts of containers, and the filters of lists. */
@NullMarked
package io.longshore.container.list;

import org.jspecify.annotations.NullMarked;
