/** Layers as directories, joined by the kernel's overlay file system. */
@NullMarked
package io.longshore.agent.graphdriver.overlay2;

import org.jspecify.annotations.NullMarked;
