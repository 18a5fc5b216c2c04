package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts.DeviceNode;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.Syscalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads what a plan needs to know of the node. */
final class NodeFacts {
    private NodeFacts() {}

    static HostFacts read(Syscalls syscalls, Cgroups cgroups) throws IOException {
        return new HostFacts(
                cgroups.hierarchies(),
                cgroups.root(),
                boundingSet(),
                sysctl("kernel/cap_last_cap"),
                devices(syscalls),
                Files.exists(Path.of("/proc/kcore")));
    }

    /** A sysctl gives its value to a read from the start only, so it must come in one: Files.readString takes two. */
    private static int sysctl(String name) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of("/proc/sys", name))) {
            byte[] value = new byte[32];
            int size = in.read(value);
            return Integer.parseInt(new String(value, 0, Math.max(0, size), StandardCharsets.US_ASCII).strip());
        }
    }

    private static long boundingSet() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapBnd:"))
                .map(line -> line.substring("CapBnd:".length()).strip())
                .map(hex -> Long.parseUnsignedLong(hex, 16))
                .findFirst()
                .orElseThrow(() -> new IOException("/proc/self/status has no CapBnd line"));
    }

    /** The nodes directly in /dev, which a privileged container gets. Deeper ones need their directories and are few. */
    private static List<DeviceNode> devices(Syscalls syscalls) throws IOException {
        List<DeviceNode> found = new ArrayList<>();
        try (Stream<Path> entries = Files.list(Path.of("/dev"))) {
            for (Path entry : entries.sorted().toList()) {
                FileStatus status;
                try {
                    status = syscalls.statx(Fd.CWD, entry.toString(), OpenFlags.AT_SYMLINK_NOFOLLOW);
                } catch (ErrnoException e) {
                    continue; // gone since the directory was read
                }
                int type = status.mode() & OpenFlags.S_IFMT;
                if (type == OpenFlags.S_IFCHR || type == OpenFlags.S_IFBLK) {
                    found.add(
                            new DeviceNode(entry.getFileName().toString(), status.mode(), status.rdev(), status.gid()));
                }
            }
        }
        return found;
    }
}
