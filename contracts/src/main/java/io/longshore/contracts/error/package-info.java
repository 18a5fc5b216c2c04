/** The kinds of failure that cross a process boundary, and the exceptions that carry them. */
@NullMarked
package io.longshore.contracts.error;

import org.jspecify.annotations.NullMarked;
