@NullMarked
package io.longshore.agent.volumedriver;

import org.jspecify.annotations.NullMarked;
