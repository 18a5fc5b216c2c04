/** The events of all services as one stream. */
@NullMarked
package io.longshore.gateway.event;

import org.jspecify.annotations.NullMarked;
