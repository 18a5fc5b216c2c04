/** Reads the logs that supervisors write, and compresses their older files. */
@NullMarked
package io.longshore.agent.log;

import org.jspecify.annotations.NullMarked;
