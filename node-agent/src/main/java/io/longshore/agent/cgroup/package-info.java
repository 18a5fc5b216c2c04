/** Control groups of containers and supervisors: version 1, hybrid and version 2 behind one door, one class per controller. */
@NullMarked
package io.longshore.agent.cgroup;

import org.jspecify.annotations.NullMarked;
