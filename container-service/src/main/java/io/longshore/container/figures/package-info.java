/** What containers use and which processes they have: stats and top. */
@NullMarked
package io.longshore.container.figures;

import org.jspecify.annotations.NullMarked;
