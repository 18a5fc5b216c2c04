@NullMarked
package io.longshore.agent.volumedriver.plugin;

import org.jspecify.annotations.NullMarked;
