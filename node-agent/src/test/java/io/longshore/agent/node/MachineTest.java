package io.longshore.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.contracts.fleet.NodeInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
    private static final NodeFacts.Fittings FITTINGS = new NodeFacts.Fittings(
            "overlay2",
            List.of("null"),
            () -> List.of("local"),
            List.of("longshore"),
            AppArmor.NONE,
            Path.of("/none/longshore.sock"));

    @TempDir
    private Path root;

    private void file(String path, String content) {
        Path file = root.resolve(path);
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void factsOfAMachineWithUnifiedCgroups() {
        file("proc/sys/kernel/osrelease", "6.1.0-13-amd64\n");
        file("proc/meminfo", "MemTotal:        2048 kB\nMemFree:  1 kB\n");
        file("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\n");
        file("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory pids\n");
        file("proc/sys/net/ipv4/ip_forward", "1\n");
        file("proc/sys/net/bridge/bridge-nf-call-iptables", "1\n");
        file("proc/sys/net/bridge/bridge-nf-call-ip6tables", "0\n");
        file("proc/sys/kernel/seccomp/actions_avail", "kill errno\n");
        file("proc/self/status", "Name:\tjava\nCapBnd:\t000001fffeffffff\n");
        NodeInfo info = new NodeFacts(new Machine(root), root, FITTINGS, List::of).info();
        assertThat(info.cgroupVersion()).isEqualTo(2);
        assertThat(info.memoryBytes()).isEqualTo(2048 * 1024);
        assertThat(info.operatingSystem()).isEqualTo("Debian GNU/Linux 12 (bookworm)");
        assertThat(info.osVersion()).isEqualTo("12");
        assertThat(info.kernelVersion()).isEqualTo("6.1.0-13-amd64");
        assertThat(info.features())
                .containsExactly(
                        "memoryLimit",
                        "swapLimit",
                        "memoryReservation",
                        "cpuShares",
                        "cpuCfsQuota",
                        "cpuset",
                        "pidsLimit",
                        "blkioWeight",
                        "blkioWeightDevice",
                        "blkioRates",
                        "ipv4Forwarding",
                        "bridgeNfIptables");
        assertThat(info.warnings()).isEmpty();
        assertThat(info.missingCapabilities()).containsExactly("CAP_SYS_RESOURCE");
        assertThat(info.securityOptions()).containsExactly("name=seccomp,profile=default");
        assertThat(info.storageStatus().getFirst().getFirst()).isEqualTo("Backing Filesystem");
    }

    @Test
    void versionTwoWithoutAllOfIt() {
        file("sys/fs/cgroup/cgroup.controllers", "cpuset memory pids\n");
        file("proc/self/cgroup", "0::/system.slice/longshore.service\n");
        file("proc/self/ns/cgroup", "");
        file("proc/sys/net/ipv4/ip_forward", "1\n");
        file("proc/sys/kernel/seccomp/actions_avail", "kill errno\n");
        NodeFacts facts = new NodeFacts(new Machine(root), root, FITTINGS, List::of);
        assertThat(facts.info().warnings())
                .containsExactly(
                        "WARNING: No swap limit support",
                        "WARNING: No cpu cfs quota support",
                        "WARNING: No cpu cfs period support",
                        "WARNING: No cpu shares support",
                        "WARNING: No io.max (rbps) support",
                        "WARNING: No io.max (wbps) support",
                        "WARNING: No io.max (riops) support",
                        "WARNING: No io.max (wiops) support");
        assertThat(facts.info().securityOptions()).containsExactly("name=seccomp,profile=default", "name=cgroupns");
        file("sys/fs/cgroup/system.slice/longshore.service/memory.swap.max", "max\n");
        assertThat(facts.info().warnings()).doesNotContain("WARNING: No swap limit support");
    }

    @Test
    void whatIsMissingIsSaid() {
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "1");
        file("sys/fs/cgroup/memory/cgroup.procs", "1");
        file("proc/filesystems", "nodev\tproc\n\text4\n");
        NodeInfo info = new NodeFacts(new Machine(root), root, FITTINGS, List::of).info();
        assertThat(info.cgroupVersion()).isEqualTo(1);
        assertThat(info.features()).containsExactly("memoryLimit");
        assertThat(info.missingCapabilities()).isEmpty();
        assertThat(info.warnings())
                .containsExactly(
                        "WARNING: No swap limit support",
                        "WARNING: No oom kill disable support",
                        "WARNING: No cpu cfs quota support",
                        "WARNING: No cpu cfs period support",
                        "WARNING: No cpu shares support",
                        "WARNING: No cpuset support",
                        "WARNING: No pids limit support",
                        "WARNING: No blkio throttle.read_bps_device support",
                        "WARNING: No blkio throttle.write_bps_device support",
                        "WARNING: No blkio throttle.read_iops_device support",
                        "WARNING: No blkio throttle.write_iops_device support",
                        "WARNING: IPv4 forwarding is disabled",
                        "WARNING: No seccomp support")
                .doesNotContain("WARNING: No memory limit support");
        file("proc/sys/kernel/osrelease", "5.9.16\n");
        assertThat(KernelNeeds.missing(new Machine(root), "someone", fileSystem -> {}))
                .contains("Linux 5.10 is needed, this is 5.9.16")
                .anyMatch(line -> line.contains("runs as someone"))
                .anyMatch(line -> line.contains("pid namespaces"))
                .anyMatch(line -> line.contains("modprobe overlay"))
                .anyMatch(line -> line.contains("controller cpu"))
                .noneMatch(line -> line.contains("controller memory"))
                .anyMatch(line -> line.contains("seccomp"));
    }

    @Test
    void oldestKernelIsEnough() {
        file("proc/sys/kernel/osrelease", "5.10.0\n");
        assertThat(new Machine(root).kernelIsAtLeast(5, 10)).isTrue();
        file("proc/sys/kernel/osrelease", "6.1.0-13-amd64\n");
        assertThat(new Machine(root).kernelIsAtLeast(5, 10)).isTrue();
        file("proc/sys/kernel/osrelease", "4.19.0-25-amd64\n");
        assertThat(new Machine(root).kernelIsAtLeast(5, 10)).isFalse();
    }

    /** As Debian's kernel, which has overlay as a module, lists it before and after its first use. */
    @Test
    void aFileSystemThatIsAModuleIsLoaded() {
        file("proc/filesystems", "nodev\tproc\n\text4\nnodev\tfuseoverlay\n");
        List<String> used = new ArrayList<>();
        assertThat(KernelNeeds.missing(new Machine(root), "root", fileSystem -> {
                    used.add(fileSystem);
                    file("proc/filesystems", "nodev\tproc\n\text4\nnodev\toverlay\n");
                }))
                .noneMatch(line -> line.contains("overlay"));
        assertThat(used).containsExactly("overlay");
    }

    /** It is there as long as the gateway runs, and only on its machine. */
    @Test
    void whereClientsReachTheApi() throws IOException {
        Path socket = root.resolve("longshore.sock");
        NodeFacts.Fittings fittings = new NodeFacts.Fittings(
                "overlay2", List.of("null"), () -> List.of("local"), List.of("longshore"), AppArmor.NONE, socket);
        NodeFacts facts = new NodeFacts(new Machine(root), root, fittings, List::of);
        assertThat(facts.info().apiSocket()).isNull();
        Files.createFile(socket);
        assertThat(facts.info().apiSocket()).isEqualTo(socket.toString());
    }
}
