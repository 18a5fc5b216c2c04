package io.longshore.agent.node;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.agent.linux.netlink.Nftables;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the native drivers need of the kernel. */
public final class KernelNeeds {
    private static final Logger LOG = LoggerFactory.getLogger(KernelNeeds.class);
    private static final String OVERLAY = "overlay";

    private KernelNeeds() {}

    /** What is missing, in words that say what to do; empty when nothing is. */
    public static List<String> missing(Syscalls syscalls) {
        List<String> missing = missing(
                new Machine(Path.of("/")),
                System.getProperty("user.name", ""),
                fileSystem -> use(fileSystem, syscalls));
        try (NetlinkSocket netfilter = NetlinkSocket.netfilter(syscalls)) {
            int generation = Nftables.generation(netfilter);
            LOG.debug("nftables is there, generation {}", generation);
        } catch (ErrnoException e) {
            if (!e.is(Errno.EPERM)) { // then it is not root, which is said already
                missing.add("the kernel has no nftables (" + e.getMessage() + "): try modprobe nf_tables");
            }
        }
        return missing;
    }

    static List<String> missing(Machine machine, String user, Consumer<String> use) {
        List<String> missing = new ArrayList<>();
        if (!user.equals("root")) {
            missing.add("it runs as " + user + ": containers need root (or set agent.drivers.* to simulated)");
        }
        if (!machine.kernelIsAtLeast(5, 10)) { // openat2 5.6, clone3 with pidfds 5.3, close_range 5.9
            missing.add("Linux 5.10 is needed, this is " + machine.kernel());
        }
        for (String namespace : List.of("mnt", "pid", "uts", "ipc", "net", "cgroup")) {
            if (!machine.namespace(namespace)) {
                missing.add("the kernel has no " + namespace + " namespaces");
            }
        }
        if (!machine.fileSystem(OVERLAY)) {
            use.accept(OVERLAY);
            if (!machine.fileSystem(OVERLAY)) {
                missing.add("the kernel has no overlay file system: try modprobe overlay");
            }
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

    /** A file system that is a module is not in filesystems(5) before somebody uses it first; then the kernel loads it. */
    private static void use(String fileSystem, Syscalls syscalls) {
        try {
            syscalls.fsopen(fileSystem).close();
        } catch (ErrnoException e) {
            // The kernel has none, or this is not root: what filesystems(5) says from here on is the answer.
        }
    }

    /** Names this boot of the machine (random(4), boot_id). */
    public static String bootId() {
        return new Machine(Path.of("/")).bootId();
    }
}
