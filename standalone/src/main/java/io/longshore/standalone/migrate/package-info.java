/** {@code ./longshore migrate-db}: moves the embedded database to another PostgreSQL. */
@NullMarked
package io.longshore.standalone.migrate;

import org.jspecify.annotations.NullMarked;
