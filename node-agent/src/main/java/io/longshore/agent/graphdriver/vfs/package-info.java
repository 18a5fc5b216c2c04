/** Layers as whole directories, each a copy of the one under it. */
@NullMarked
package io.longshore.agent.graphdriver.vfs;

import org.jspecify.annotations.NullMarked;
