/** What the agent remembers on disk: one directory per container, and facts of its own. */
@NullMarked
package io.longshore.agent.state;

import org.jspecify.annotations.NullMarked;
