/** What other parts may ask of fleet-service. */
@NullMarked
package io.longshore.contracts.fleet;

import org.jspecify.annotations.NullMarked;
