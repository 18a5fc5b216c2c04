/** What one part of Longshore may know of another: who calls, interfaces, Engine-shaped records, ids, error kinds. No beans. */
@NullMarked
package io.longshore.contracts;

import org.jspecify.annotations.NullMarked;
