/** The verbs that change a container: create, start, stop, kill, restart, rename, remove, prune. */
@NullMarked
package io.longshore.container.lifecycle;

import org.jspecify.annotations.NullMarked;
