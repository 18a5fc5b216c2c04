/** What other parts may ask of volume-service. */
@NullMarked
package io.longshore.contracts.volume;

import org.jspecify.annotations.NullMarked;
