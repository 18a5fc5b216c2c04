/** Health checks: a command in the container, executed from time to time, and what its results say of the container. */
@NullMarked
package io.longshore.agent.health;

import org.jspecify.annotations.NullMarked;
