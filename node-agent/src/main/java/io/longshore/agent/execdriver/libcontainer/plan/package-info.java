/**
 * What a container is made of, as data: a launch in, stage programs and a cgroup plan out. Pure functions; nothing here calls the
 * kernel.
 */
@NullMarked
package io.longshore.agent.execdriver.libcontainer.plan;

import org.jspecify.annotations.NullMarked;
