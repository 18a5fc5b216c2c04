package io.longshore.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.contracts.fleet.NodeInfo;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the agent says of a machine with cgroup v2 alone and AppArmor; the module vm runs it in one. */
class NodeVmIT {
    @TempDir
    Path work;

    @Test
    void nothingIsMissing() {
        assertThat(KernelNeeds.missing(new JnaSyscalls())).isEmpty();
    }

    @Test
    void whatInfoSays() {
        NodeInfo info = new NodeFacts(
                        work,
                        new NodeFacts.Fittings(
                                "overlay2",
                                List.of("null"),
                                () -> List.of("local"),
                                List.of("longshore"),
                                AppArmor.load(),
                                Path.of("/none/longshore.sock")),
                        List::of)
                .info();
        assertThat(info.cgroupVersion()).isEqualTo(2);
        assertThat(info.securityOptions())
                .containsExactly("name=apparmor", "name=seccomp,profile=default", "name=cgroupns");
        assertThat(info.features())
                .contains(
                        "memoryLimit",
                        "swapLimit",
                        "memoryReservation",
                        "cpuShares",
                        "cpuCfsQuota",
                        "cpuset",
                        "pidsLimit",
                        "blkioWeight",
                        "blkioRates")
                .doesNotContain("oomKillDisable", "memorySwappiness", "kernelMemory", "cpuRealtime");
        assertThat(info.warnings()).containsExactly("WARNING: IPv4 forwarding is disabled");
        assertThat(info.missingCapabilities()).isEmpty();
    }
}
