package io.longshore.agent.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the kernel and the distribution say of this machine, read from files at each call. What cannot be read is empty or 0. */
final class Machine {
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

    private final Path root;

    /** @param root the root directory; another than / for tests */
    Machine(Path root) {
        this.root = root;
    }

    /** As {@code uname -n} says. */
    String hostname() {
        return read("proc/sys/kernel/hostname");
    }

    /** As {@code uname -r} says. */
    String kernel() {
        return read("proc/sys/kernel/osrelease");
    }

    /** False for a release that cannot be read. */
    boolean kernelIsAtLeast(int major, int minor) {
        Matcher release = RELEASE.matcher(kernel());
        if (!release.lookingAt()) {
            return false;
        }
        int actual = Integer.parseInt(release.group(1));
        return actual > major || (actual == major && Integer.parseInt(release.group(2)) >= minor);
    }

    /** As {@code uname -m} says, from Java's name of it. */
    String architecture() {
        String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return name.equals("amd64") ? "x86_64" : name;
    }

    /** A value of os-release(5), without its quotes. */
    String osRelease(String key) {
        String text = exists("etc/os-release") ? read("etc/os-release") : read("usr/lib/os-release");
        return assignments(text, "=").getOrDefault(key, "").replaceAll("^[\"']|[\"']$", "");
    }

    /** MemTotal of proc_meminfo(5), in bytes. */
    long memory() {
        String value = assignments(read("proc/meminfo"), ":").getOrDefault("MemTotal", "");
        String digits = value.replaceAll("[^0-9]", "");
        return digits.isEmpty() ? 0 : Long.parseLong(digits) * 1024;
    }

    /** The bounding set of this process as a mask (capabilities(7)); all of them if it cannot be read. */
    long capabilities() {
        String value = assignments(read("proc/self/status"), ":").getOrDefault("CapBnd", "");
        return value.matches("[0-9a-f]{1,16}") ? Long.parseUnsignedLong(value, 16) : -1L;
    }

    /** Identity of this boot (random(4)). */
    String bootId() {
        return read("proc/sys/kernel/random/boot_id");
    }

    boolean ipForwarding() {
        return read("proc/sys/net/ipv4/ip_forward").equals("1");
    }

    /** Whether frames between ports of a bridge go through iptables, or ip6tables; not where the module is not loaded. */
    boolean bridgeCalls(String tables) {
        return read("proc/sys/net/bridge/bridge-nf-call-" + tables).equals("1");
    }

    /** Whether the controllers hang in the one hierarchy of version 2. */
    boolean unifiedCgroups() {
        return exists("sys/fs/cgroup/cgroup.controllers");
    }

    /** Whether a file of the root cgroup of a controller is there (version 1). */
    boolean cgroupFile(String controllerAndFile) {
        return exists("sys/fs/cgroup/" + controllerAndFile);
    }

    /** Whether version 2 has this controller. */
    boolean unifiedController(String name) {
        return Stream.of(read("sys/fs/cgroup/cgroup.controllers").split(" ")).anyMatch(name::equals);
    }

    /**
     * Whether version 2 accounts for swap (the kernel's parameter swapaccount). Its root has no file that says so: that of our own cgroup
     * is looked at, and where we are in the root it is assumed, as is the kernel's default.
     */
    boolean unifiedSwap() {
        String own = read("proc/self/cgroup")
                .lines()
                .filter(line -> line.startsWith("0::/"))
                .map(line -> line.substring("0::/".length()))
                .findFirst()
                .orElse("");
        return own.isEmpty() || exists("sys/fs/cgroup/" + own + "/memory.swap.max");
    }

    /** Whether the kernel has this namespace for us (namespaces(7)): {@code mnt}, {@code pid} ... */
    boolean namespace(String name) {
        return Files.exists(root.resolve("proc/self/ns").resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether the kernel has this file system, built in or loaded (filesystems(5)). */
    boolean fileSystem(String name) {
        return read("proc/filesystems").lines().anyMatch(line -> line.endsWith("\t" + name));
    }

    /** Whether the kernel has seccomp filters (proc_sys_kernel(5)). */
    boolean seccomp() {
        return exists("proc/sys/kernel/seccomp/actions_avail");
    }

    private boolean exists(String path) {
        return Files.exists(root.resolve(path));
    }

    private String read(String path) {
        try {
            return Files.readString(root.resolve(path)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static Map<String, String> assignments(String text, String separator) {
        return text.lines()
                .map(line -> line.split(separator, 2))
                .filter(pair -> pair.length == 2)
                .collect(Collectors.toMap(pair -> pair[0].strip(), pair -> pair[1].strip(), (first, second) -> first));
    }
}
