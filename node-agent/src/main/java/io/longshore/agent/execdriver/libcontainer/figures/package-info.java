/** What running containers use, and their processes, by cgroups and procfs. */
@NullMarked
package io.longshore.agent.execdriver.libcontainer.figures;

import org.jspecify.annotations.NullMarked;
