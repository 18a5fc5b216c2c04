/** container-service: containers, from the request to the event that tells of their end. */
@NullMarked
package io.longshore.container;

import org.jspecify.annotations.NullMarked;
