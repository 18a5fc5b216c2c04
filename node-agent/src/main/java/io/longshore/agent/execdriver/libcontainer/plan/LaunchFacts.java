package io.longshore.agent.execdriver.libcontainer.plan;

import io.longshore.agent.cgroup.BlockLimits;
import io.longshore.agent.cgroup.DeviceRule;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts.DeviceNode;
import java.util.List;
import java.util.Set;

/**
 * What was looked up on the node for one launch.
 *
 * @param sources of bind mounts and volumes
 * @param devices that the container asks for; their paths are those in the container
 * @param deviceRules what it may do with them, and with what else it asks for
 * @param block limits of block devices
 * @param shared the namespaces of other containers, as files that are good while it is created
 * @param init file with the init binary; empty where none is needed
 */
public record LaunchFacts(
        Sources sources,
        List<DeviceNode> devices,
        List<DeviceRule> deviceRules,
        BlockLimits block,
        Shared shared,
        String init) {
    public LaunchFacts {
        devices = List.copyOf(devices);
        deviceRules = List.copyOf(deviceRules);
    }

    /**
     * What is known of the sources of mounts.
     *
     * @param files those that are not directories
     * @param ofHost those that are to be opened in the host's mount namespace, since the agent's own is not a peer of it
     */
    public record Sources(Set<String> files, Set<String> ofHost) {
        public static final Sources DIRECTORIES = new Sources(Set.of(), Set.of());

        public Sources {
            files = Set.copyOf(files);
            ofHost = Set.copyOf(ofHost);
        }
    }

    /** What is joined of others: their IPC with /dev/shm, their process ids with /proc, their network by the path of its namespace's file. */
    public record Shared(Joined ipc, Joined pid, String network) {
        public static final Shared NOTHING = new Shared(Joined.NOTHING, Joined.NOTHING);

        /** Without a network. */
        public Shared(Joined ipc, Joined pid) {
            this(ipc, pid, "");
        }
    }

    /**
     * A namespace to join, and the mount namespace in which the file system that shows it is.
     *
     * @param namespace path of a namespace file, or empty
     * @param mounts path of a namespace file, or empty
     */
    public record Joined(String namespace, String mounts) {
        public static final Joined NOTHING = new Joined("", "");

        boolean isOpen() {
            return !namespace.isEmpty() && !mounts.isEmpty();
        }
    }

    /** Of a launch that asks for none of the others. */
    public static LaunchFacts of(Set<String> files) {
        return new LaunchFacts(
                new Sources(files, Set.of()), List.of(), List.of(), BlockLimits.NONE, Shared.NOTHING, "");
    }
}
