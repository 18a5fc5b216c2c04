/** What every service needs to speak the Engine API: filters, times, versions. */
@NullMarked
package io.longshore.platform.engine;

import org.jspecify.annotations.NullMarked;
