/** Engine-shaped records of a container, as received. */
@NullMarked
package io.longshore.contracts.container;

import org.jspecify.annotations.NullMarked;
