package io.longshore.acceptance.sandbox;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;

/** What differs from Docker Engine 20.10's sandbox, one by one, and why. An entry that nothing needs any more fails the test. */
final class SandboxDifferences {
    private record Meant(String key, Pattern pattern, String reason) {
        Meant(String key, String reason) {
            this(key, Pattern.compile(key), reason);
        }
    }

    private static final List<Meant> ALL = List.of(
            new Meant("\\w+ (mount|path|write) /proc/interrupts: .*", "hidden, as by newer engines; 20.10 shows it"),
            new Meant(
                    "\\w+ call (303|310|311|329|330|331): Docker EPERM, Longshore EINVAL",
                    "name_to_handle_at, process_vm_readv and _writev, pkey_*: allowed by newer engines' profile"),
            new Meant(
                    "\\w+ call 42[567]: Docker E(FAULT|INVAL), Longshore EPERM",
                    "io_uring: refused by newer engines' profile"),
            new Meant(
                    "\\w+ call 4(5\\d|6[0-6]): Docker ENOSYS, Longshore \\w+",
                    "system calls that 20.10's profile and libseccomp do not know"),
            new Meant(
                    "\\w+ cgroups /sys/fs/cgroup: Docker 40555 .*, Longshore 40755 .*",
                    "the directory of links lies on a file system that is read-only as a whole"),
            new Meant(
                    "\\w+ mount /sys/fs/cgroup: Docker tmpfs rw,.*, Longshore tmpfs ro,.*",
                    "read-only; it is writable in 20.10 with a cgroup namespace of the container's own"),
            new Meant(
                    "\\w+ mount /: Docker overlay (rw|ro),relatime master:\\d+ .*",
                    "nothing is propagated into the container's root, which is private"),
            new Meant(
                    "\\w+ mount (/proc/acpi|/sys/firmware): Docker tmpfs ro,relatime .*, Longshore tmpfs ro,nosuid,nodev,noexec,relatime .*",
                    "what is hidden is hidden with stricter flags"),
            new Meant(
                    "\\w+ mount /sys: .* sysfs ro, Longshore .* sysfs rw",
                    "flags of the file system, which the mount's own (ro on both) overrule"),
            new Meant("\\w+ status SigIgn: Docker 0000000080000000, .*", "left over from 20.10's runtime"),
            new Meant(
                    "HOST_NETWORK interface \\w+: .*",
                    "each engine is in a network of its own here, with its own bridges"));

    private static final Set<String> NEEDED = new ConcurrentSkipListSet<>();

    private SandboxDifferences() {}

    static boolean meant(String finding) {
        boolean meant = false;
        for (Meant each : ALL) {
            if (each.pattern.matcher(finding).matches()) {
                NEEDED.add(each.key);
                meant = true;
            }
        }
        return meant;
    }

    /** Entries that no finding has needed. */
    static Set<String> needless() {
        Set<String> needless = new TreeSet<>();
        ALL.stream().map(Meant::key).filter(key -> !NEEDED.contains(key)).forEach(needless::add);
        return needless;
    }
}
