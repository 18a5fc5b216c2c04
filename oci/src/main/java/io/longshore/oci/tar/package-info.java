/** A bounded reader of tar streams (pax(1), GNU tar) for data from outside. */
@NullMarked
package io.longshore.oci.tar;

import org.jspecify.annotations.NullMarked;
