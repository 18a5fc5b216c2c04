/** PostgreSQL's JDBC driver on a unix socket, which the driver itself does not know. */
@NullMarked
package io.longshore.postgres.socket;

import org.jspecify.annotations.NullMarked;
