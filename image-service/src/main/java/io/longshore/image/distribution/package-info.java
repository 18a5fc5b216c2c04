/** Pull and push, and what else registries are asked for. */
@NullMarked
package io.longshore.image.distribution;

import org.jspecify.annotations.NullMarked;
