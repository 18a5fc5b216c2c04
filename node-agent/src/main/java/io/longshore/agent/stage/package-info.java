/**
 * The mechanism half of the libcontainer driver: {@link io.longshore.agent.stage.StageProgram}, a printable list of system
 * calls; {@link io.longshore.agent.stage.Spawner}, which starts the static binary {@code stage} that executes it and then
 * supervises the process; {@link io.longshore.agent.stage.supervisor.SupervisorClient}, which talks to it. The formats are described in
 * {@code src/main/c/program.h} and {@code protocol.h}. It knows nothing about containers.
 */
@NullMarked
package io.longshore.agent.stage;

import org.jspecify.annotations.NullMarked;
