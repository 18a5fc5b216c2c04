/** What a network is: what clients ask of a new one, and what nodes are told of it. */
@NullMarked
package io.longshore.network.definition;

import org.jspecify.annotations.NullMarked;
