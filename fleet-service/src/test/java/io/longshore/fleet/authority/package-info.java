@NullMarked
package io.longshore.fleet.authority;

import org.jspecify.annotations.NullMarked;
