/** The container row: what is known of a container, what an observation of its agent does to it, and how it is kept in PostgreSQL. */
@NullMarked
package io.longshore.container.state;

import org.jspecify.annotations.NullMarked;
