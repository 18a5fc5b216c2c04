/** What other parts may ask of network-service. */
@NullMarked
package io.longshore.contracts.network;

import org.jspecify.annotations.NullMarked;
