/** Draining nodes: which of their containers can go elsewhere, and how they get there. */
@NullMarked
package io.longshore.container.drain;

import org.jspecify.annotations.NullMarked;
