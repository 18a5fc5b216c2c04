package io.longshore.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.fleet.NodeInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
    private static final NodeFacts.Fittings FITTINGS =
            new NodeFacts.Fittings("overlay2", List.of("null"), List.of("local"), List.of("longshore"));

    @TempDir
    private Path root;

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void factsOfAMachineWithUnifiedCgroups() throws IOException {
        file("proc/sys/kernel/osrelease", "6.1.0-13-amd64\n");
        file("proc/meminfo", "MemTotal:        2048 kB\nMemFree:  1 kB\n");
        file("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\n");
        file("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
        file("proc/sys/net/ipv4/ip_forward", "1\n");
        file("proc/sys/kernel/seccomp/actions_avail", "kill errno\n");
        NodeInfo info = new NodeFacts(new Machine(root), root, FITTINGS).info();
        assertThat(info.cgroupVersion()).isEqualTo(2);
        assertThat(info.memoryBytes()).isEqualTo(2048 * 1024);
        assertThat(info.operatingSystem()).isEqualTo("Debian GNU/Linux 12 (bookworm)");
        assertThat(info.osVersion()).isEqualTo("12");
        assertThat(info.kernelVersion()).isEqualTo("6.1.0-13-amd64");
        assertThat(info.features())
                .containsExactly(
                        "memoryLimit",
                        "swapLimit",
                        "cpuShares",
                        "cpuCfsQuota",
                        "cpuset",
                        "pidsLimit",
                        "ipv4Forwarding");
        assertThat(info.warnings()).isEmpty();
        assertThat(info.securityOptions()).containsExactly("name=seccomp,profile=default");
        assertThat(info.storageStatus().getFirst().getFirst()).isEqualTo("Backing Filesystem");
    }

    @Test
    void whatIsMissingIsSaid() throws IOException {
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "1");
        file("sys/fs/cgroup/memory/cgroup.procs", "1");
        file("proc/filesystems", "nodev\tproc\n\text4\n");
        NodeInfo info = new NodeFacts(new Machine(root), root, FITTINGS).info();
        assertThat(info.cgroupVersion()).isEqualTo(1);
        assertThat(info.features()).containsExactly("memoryLimit");
        assertThat(info.warnings())
                .contains("WARNING: No swap limit support", "WARNING: IPv4 forwarding is disabled")
                .doesNotContain("WARNING: No memory limit support");
        assertThat(KernelNeeds.missing(new Machine(root), "someone"))
                .anyMatch(line -> line.contains("runs as someone"))
                .anyMatch(line -> line.contains("pid namespaces"))
                .anyMatch(line -> line.contains("modprobe overlay"))
                .anyMatch(line -> line.contains("controller cpu"))
                .noneMatch(line -> line.contains("controller memory"))
                .anyMatch(line -> line.contains("seccomp"));
    }
}
