/** The fleet's certificate authority: who vouches for its nodes and services. */
@NullMarked
package io.longshore.fleet.authority;

import org.jspecify.annotations.NullMarked;
