/**
 * A PostgreSQL server that Longshore brings along: unpacked from a jar, run as an unprivileged user, closed to everybody who has
 * no password. The standalone form keeps its state in one, and the tests of every service run against one.
 */
@NullMarked
package io.longshore.postgres;

import org.jspecify.annotations.NullMarked;
