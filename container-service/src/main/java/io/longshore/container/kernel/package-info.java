/** Names that the Engine API takes from the kernel: signals and capabilities. */
@NullMarked
package io.longshore.container.kernel;

import org.jspecify.annotations.NullMarked;
