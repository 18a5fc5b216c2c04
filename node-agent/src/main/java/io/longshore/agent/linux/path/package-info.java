/** The only way to touch a path beneath a container's root: everything is resolved by openat2(2) inside that root. */
@NullMarked
package io.longshore.agent.linux.path;

import org.jspecify.annotations.NullMarked;
