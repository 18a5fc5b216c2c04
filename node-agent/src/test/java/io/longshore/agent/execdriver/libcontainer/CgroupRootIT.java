package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.cgroup.TestHierarchies;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.contracts.agent.ContainerSpec.Resources;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Limits, on the hierarchies that the machine has: version 1 with version 2 beside it or, in the virtual machine, version 2 alone. */
class CgroupRootIT extends SandboxFixture {
    private static Resources limits(long memory, long pids) {
        return new Resources(memory, 0, 0, 512, 50_000, 100_000, "0", "0", pids, null);
    }

    @Test
    void limitsAreSetAndSeen() {
        boolean unified = TestHierarchies.areUnifiedOnly();
        TestSpecs spec = shell("cd /sys/fs/cgroup; "
                + (unified
                        ? "cat memory.max pids.max cpu.weight cpu.max cpuset.cpus; touch x 2>&1; mkdir y 2>&1"
                        : "cat memory/memory.limit_in_bytes pids/pids.max cpu/cpu.shares"
                                + " cpu/cpu.cfs_quota_us cpuset/cpuset.cpus; cat devices/devices.list | wc -l;"
                                + " touch pids/x 2>&1; mkdir memory/y 2>&1"));
        spec.cgroupNamespace = unified ? "private" : "host";
        spec.resources = limits(64 << 20, 50);
        assertThat(run(spec).output()).isEqualTo(unified ? """
                        67108864
                        50
                        20
                        50000 100000
                        0
                        touch: x: Read-only file system
                        mkdir: can't create directory 'y': Read-only file system
                        """ : """
                        67108864
                        50
                        512
                        50000
                        0
                        12
                        touch: pids/x: Read-only file system
                        mkdir: can't create directory 'memory/y': Read-only file system
                        """);
    }

    @Test
    void everyProcessIsInItsPlace() throws IOException {
        TestSpecs spec = new TestSpecs("sleep", "1000");
        Launch launch = host.launch(spec);
        driver.create(launch, exits);
        Running running = driver.start(launch.id());
        int supervisor = Integer.parseInt(Files.readAllLines(Path.of("/proc/" + running.pid() + "/status")).stream()
                .filter(line -> line.startsWith("PPid:"))
                .map(line -> line.substring(5).strip())
                .findFirst()
                .orElseThrow());
        assertThat(Files.readAllLines(Path.of("/proc/" + running.pid() + "/cgroup")))
                .allMatch(line -> line.endsWith(":" + BusyboxHost.CGROUPS + "/" + launch.id()));
        assertThat(Files.readAllLines(Path.of("/proc/" + supervisor + "/cgroup")))
                .allMatch(line -> line.endsWith(":" + BusyboxHost.CGROUPS + "/supervisors"));
    }

    @Test
    void outOfMemory() {
        TestSpecs spec = shell("head -c 200m /dev/zero | tail");
        spec.resources = limits(16 << 20, 0);
        Result result = run(spec);
        assertThat(result.exit().oomKilled()).isTrue();
        assertThat(result.code()).isEqualTo(137);
    }

    @Test
    void tooManyProcesses() {
        TestSpecs spec = shell("for i in 1 2 3 4 5 6 7 8 9 10; do sleep 5 & done 2>&1");
        spec.resources = limits(0, 5);
        assertThat(run(spec).output()).contains("can't fork: Resource temporarily unavailable");
    }

    @Test
    void aLimitThatTheKernelRefusesIsNamed() {
        TestSpecs spec = new TestSpecs("true");
        spec.resources = new Resources(0, 0, 0, 0, 0, 0, "4096", "", 0, null);
        Launch launch = host.launch(spec);
        assertThatThrownBy(() -> driver.create(launch, exits))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("cpuset.cpus of the container to 4096");
    }

    @Test
    void aParentOfItsOwn() throws IOException {
        TestSpecs spec = new TestSpecs("cat", "/proc/self/cgroup");
        spec.resources = new Resources(0, 0, 0, 0, 0, 0, "", "", 0, "/longshore-test-parent/a");
        assertThat(run(spec).output().lines()).allMatch(line -> line.endsWith(":/longshore-test-parent/a/" + spec.id));
        for (Path parent : TestHierarchies.directories("/longshore-test-parent")) {
            Files.deleteIfExists(parent.resolve("a"));
            Files.deleteIfExists(parent);
        }
    }
}
