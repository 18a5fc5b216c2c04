/** Streams between parts: one way and both ways. */
@NullMarked
package io.longshore.contracts.stream;

import org.jspecify.annotations.NullMarked;
