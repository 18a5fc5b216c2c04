/** A fleet of one node, as far as networks need it. */
@NullMarked
package io.longshore.testnode.network;

import org.jspecify.annotations.NullMarked;
