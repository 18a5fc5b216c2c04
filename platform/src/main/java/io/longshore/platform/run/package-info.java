/** Starts one part of Longshore as a Spring Boot application of its own: configuration, socket, health, shutdown. */
@NullMarked
package io.longshore.platform.run;

import org.jspecify.annotations.NullMarked;
