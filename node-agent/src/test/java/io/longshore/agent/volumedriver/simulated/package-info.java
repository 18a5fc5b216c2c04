@NullMarked
package io.longshore.agent.volumedriver.simulated;

import org.jspecify.annotations.NullMarked;
