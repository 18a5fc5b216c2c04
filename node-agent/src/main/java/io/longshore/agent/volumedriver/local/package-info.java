/** Volumes as directories of this node. */
@NullMarked
package io.longshore.agent.volumedriver.local;

import org.jspecify.annotations.NullMarked;
