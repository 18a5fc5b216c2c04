/** A client of OCI registries (OCI distribution spec): one small class per endpoint. All that a registry says is data from outside. */
@NullMarked
package io.longshore.oci.registry;

import org.jspecify.annotations.NullMarked;
