/** Pull and push, and what else is asked of registries. */
@NullMarked
package io.longshore.image.distribution;

import org.jspecify.annotations.NullMarked;
