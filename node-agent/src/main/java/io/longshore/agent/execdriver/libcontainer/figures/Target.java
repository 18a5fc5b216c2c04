package io.longshore.agent.execdriver.libcontainer.figures;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.stage.supervisor.ProcessIdentity;

/**
 * A container that runs.
 *
 * @param cgroup its cgroup in every hierarchy
 * @param process its first process
 * @param ownNetwork whether it has a network of its own, and not the node's
 */
public record Target(CgroupPath cgroup, ProcessIdentity process, boolean ownNetwork) {}
