/** Layers as streams of typed entries (OCI image spec, layer.md). */
@NullMarked
package io.longshore.oci.layer;

import org.jspecify.annotations.NullMarked;
