/** Blocks of addresses, and which of them a network gets that asks for none. */
@NullMarked
package io.longshore.network.address;

import org.jspecify.annotations.NullMarked;
