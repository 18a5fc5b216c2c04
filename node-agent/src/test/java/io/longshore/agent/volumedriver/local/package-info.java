@NullMarked
package io.longshore.agent.volumedriver.local;

import org.jspecify.annotations.NullMarked;
