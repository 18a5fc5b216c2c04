/** A volume plugin as a process of its own, which does well or ill as a test wants it. */
@NullMarked
package io.longshore.testbed.plugin;

import org.jspecify.annotations.NullMarked;
