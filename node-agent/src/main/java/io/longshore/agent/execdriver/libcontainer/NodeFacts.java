package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.cgroup.Cgroups;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts;
import io.longshore.agent.linux.Syscalls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Reads what a plan needs to know of the node. */
final class NodeFacts {
    /** Each costs seven calls of a stage program, of which there may be 4,096. */
    static final int MOST_THROTTLING = 256;

    private static final Path PROCESSORS = Path.of("/sys/devices/system/cpu");

    private NodeFacts() {}

    static HostFacts read(Syscalls syscalls, Cgroups cgroups, AppArmor appArmor) throws IOException {
        return new HostFacts(
                cgroups.hierarchies(),
                cgroups.root(),
                boundingSet(),
                sysctl("kernel/cap_last_cap"),
                new HostDevices(syscalls).all(),
                appArmor,
                Files.exists(Path.of("/proc/kcore")),
                throttling(PROCESSORS));
    }

    /** Of processors that are there when the agent starts; none where the directory is not. */
    static List<String> throttling(Path directory) throws IOException {
        try (Stream<Path> processors = Files.list(directory)) {
            return processors
                    .filter(path -> path.getFileName().toString().matches("cpu[0-9]{1,5}"))
                    .map(path -> path.resolve("thermal_throttle"))
                    .filter(Files::exists)
                    .map(Path::toString)
                    .sorted()
                    .limit(MOST_THROTTLING)
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
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
