/** A service with a schema, for the tests of {@link io.longshore.platform.data}. */
@NullMarked
package io.longshore.platform.data.ledger;

import org.jspecify.annotations.NullMarked;
