/** Networks, endpoints and leases in the database. */
@NullMarked
package io.longshore.network.store;

import org.jspecify.annotations.NullMarked;
