@NullMarked
package io.longshore.fleet.join;

import org.jspecify.annotations.NullMarked;
