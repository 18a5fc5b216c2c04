/** How the agent writes files of its own. */
@NullMarked
package io.longshore.agent.file;

import org.jspecify.annotations.NullMarked;
