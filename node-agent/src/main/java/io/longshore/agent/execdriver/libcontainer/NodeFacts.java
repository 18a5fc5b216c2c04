package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts;
import io.longshore.agent.linux.Syscalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads what a plan needs to know of the node. */
final class NodeFacts {
    private NodeFacts() {}

    static HostFacts read(Syscalls syscalls, Cgroups cgroups, AppArmor appArmor) throws IOException {
        return new HostFacts(
                cgroups.hierarchies(),
                cgroups.root(),
                boundingSet(),
                sysctl("kernel/cap_last_cap"),
                new HostDevices(syscalls).all(),
                appArmor,
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
}
