/** A fleet of one node, as far as networks need it. */
@NullMarked
package io.longshore.testnode;

import org.jspecify.annotations.NullMarked;
