/** Who uses what: the claims that answer the question "in use?". */
@NullMarked
package io.longshore.contracts.claim;

import org.jspecify.annotations.NullMarked;
