/** The JSON documents of images: index, manifest and configuration (OCI image spec). All of it is data from outside. */
@NullMarked
package io.longshore.oci.manifest;

import org.jspecify.annotations.NullMarked;
