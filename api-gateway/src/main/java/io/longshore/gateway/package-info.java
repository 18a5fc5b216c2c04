/** The front door: versions, callers, routing, and what no single service can answer. */
@NullMarked
package io.longshore.gateway;

import org.jspecify.annotations.NullMarked;
