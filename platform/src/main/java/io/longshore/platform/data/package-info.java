/**
 * What a service imports to have its schema in PostgreSQL: connections, migrations, JPA, JDBC, transactions, and the outbox for
 * its events. {@link io.longshore.platform.data.ServiceSchema} is the way in.
 */
@NullMarked
package io.longshore.platform.data;

import org.jspecify.annotations.NullMarked;
