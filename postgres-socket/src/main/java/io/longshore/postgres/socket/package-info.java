/** Sockets of java.net on unix addresses: for PostgreSQL's JDBC driver, which does not know them, and for calls between parts. */
@NullMarked
package io.longshore.postgres.socket;

import org.jspecify.annotations.NullMarked;
