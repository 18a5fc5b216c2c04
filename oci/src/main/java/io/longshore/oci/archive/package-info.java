/** Archives that hold whole images: what docker save writes, and OCI image layouts. */
@NullMarked
package io.longshore.oci.archive;

import org.jspecify.annotations.NullMarked;
