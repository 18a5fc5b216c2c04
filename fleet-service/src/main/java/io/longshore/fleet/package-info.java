/** The machines: what they are, where their agents listen, and which of them live. */
@NullMarked
package io.longshore.fleet;

import org.jspecify.annotations.NullMarked;
