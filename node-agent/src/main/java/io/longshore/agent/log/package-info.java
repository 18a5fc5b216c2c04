/** Reads the json-file logs that supervisors write. */
@NullMarked
package io.longshore.agent.log;

import org.jspecify.annotations.NullMarked;
