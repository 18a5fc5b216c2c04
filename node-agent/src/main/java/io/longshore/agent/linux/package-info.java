/**
 * The agent's one door to the kernel: {@link io.longshore.agent.linux.Syscalls} with Java types, the flags and numbers of
 * the calls, and {@link io.longshore.agent.linux.ContainerRoot}, the only way to touch a path beneath a container's root.
 */
@NullMarked
package io.longshore.agent.linux;

import org.jspecify.annotations.NullMarked;
