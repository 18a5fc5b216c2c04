/** Log lines and the trace id in them. */
@NullMarked
package io.longshore.platform.telemetry;

import org.jspecify.annotations.NullMarked;
