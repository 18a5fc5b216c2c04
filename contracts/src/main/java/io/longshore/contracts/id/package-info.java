/** Identifiers with a syntax: each has {@code parse} and no other way in. */
@NullMarked
package io.longshore.contracts.id;

import org.jspecify.annotations.NullMarked;
