/** Volumes of plugins that speak Docker's volume plugin protocol (Docker, Plugins API, VolumeDriver). */
@NullMarked
package io.longshore.agent.volumedriver.plugin;

import org.jspecify.annotations.NullMarked;
