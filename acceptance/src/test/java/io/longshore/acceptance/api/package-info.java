/** The Engine API on the wire: what clients rely on beyond what the docker command shows. */
@NullMarked
package io.longshore.acceptance.api;

import org.jspecify.annotations.NullMarked;
