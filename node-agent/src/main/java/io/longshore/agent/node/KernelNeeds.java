package io.longshore.agent.node;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the native drivers need of the kernel. */
public final class KernelNeeds {
    private KernelNeeds() {}

    /** What is missing, in words that say what to do; empty when nothing is. */
    public static List<String> missing() {
        return missing(new Machine(Path.of("/")), System.getProperty("user.name", ""));
    }

    static List<String> missing(Machine machine, String user) {
        List<String> missing = new ArrayList<>();
        if (!user.equals("root")) {
            missing.add("it runs as " + user + ": containers need root (or set agent.drivers.* to simulated)");
        }
        for (String namespace : List.of("mnt", "pid", "uts", "ipc", "net", "cgroup")) {
            if (!machine.namespace(namespace)) {
                missing.add("the kernel has no " + namespace + " namespaces");
            }
        }
        if (!machine.fileSystem("overlay")) {
            missing.add("the kernel has no overlay file system: try modprobe overlay");
        }
        for (String controller : List.of("memory", "cpu", "pids")) {
            boolean there = machine.unifiedCgroups()
                    ? machine.unifiedController(controller)
                    : machine.cgroupFile(controller + "/cgroup.procs");
            if (!there) {
                missing.add("the cgroup controller " + controller + " is not mounted at /sys/fs/cgroup");
            }
        }
        if (!machine.seccomp()) {
            missing.add("the kernel has no seccomp filters");
        }
        return missing;
    }

    /** Names this boot of the machine (random(4), boot_id). */
    public static String bootId() {
        return new Machine(Path.of("/")).bootId();
    }
}
