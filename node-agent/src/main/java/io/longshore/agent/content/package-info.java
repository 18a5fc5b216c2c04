/** Blobs by digest, as they came. */
@NullMarked
package io.longshore.agent.content;

import org.jspecify.annotations.NullMarked;
