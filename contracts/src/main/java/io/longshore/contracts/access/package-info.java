/** What other parts may ask of access-service. */
@NullMarked
package io.longshore.contracts.access;

import org.jspecify.annotations.NullMarked;
