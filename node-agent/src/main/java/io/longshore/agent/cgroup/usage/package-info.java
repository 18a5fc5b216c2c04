/** Reads what a cgroup has used: a meter for each controller, with both versions behind one interface. */
@NullMarked
package io.longshore.agent.cgroup.usage;

import org.jspecify.annotations.NullMarked;
