@NullMarked
package io.longshore.platform.identity;

import org.jspecify.annotations.NullMarked;
