/** Names and identities of images (Docker's reference grammar, OCI image spec). */
@NullMarked
package io.longshore.oci;

import org.jspecify.annotations.NullMarked;
