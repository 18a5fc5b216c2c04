/** One {@code main()}: the gateway, all services, an agent and a PostgreSQL in one JVM, on one machine. */
@NullMarked
package io.longshore.standalone;

import org.jspecify.annotations.NullMarked;
