package io.longshore.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.agent.BlockIo;
import io.longshore.contracts.agent.ContainerSpec.Resources;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CgroupPlanTest {
    private static final ContainerId ID = ContainerId.parse("ab".repeat(32));
    private static final Resources EVERYTHING =
            new Resources(64 << 20, 128 << 20, 32 << 20, 512, 50_000, 100_000, "0-1", "0", 100, null);
    private static final Set<String> ALL = Set.of("memory", "cpu", "cpuset", "pids", "devices");

    @Test
    void versionOneLimits() {
        var hierarchy = new Hierarchy(Path.of("/cg"), false, ALL);
        assertThat(text(hierarchy, new CgroupLimits(EVERYTHING, List.of(new DeviceRule('c', 1, DeviceRule.ANY, "rw")))))
                .containsExactly(
                        "memory.limit_in_bytes=67108864",
                        "memory.memsw.limit_in_bytes=134217728 if there",
                        "memory.soft_limit_in_bytes=33554432",
                        "cpu.shares=512",
                        "cpu.cfs_period_us=100000",
                        "cpu.cfs_quota_us=50000",
                        "cpuset.cpus=0-1",
                        "cpuset.mems=0",
                        "pids.max=100",
                        "devices.deny=a",
                        "devices.allow=c 1:* rw");
    }

    @Test
    void versionTwoLimits() {
        var hierarchy = new Hierarchy(Path.of("/cg"), true, ALL);
        assertThat(text(hierarchy, new CgroupLimits(EVERYTHING, DeviceRule.DOCKER_DEFAULT)))
                .containsExactly(
                        "memory.max=67108864",
                        "memory.swap.max=67108864 if there",
                        "memory.low=33554432",
                        "cpu.weight=20",
                        "cpu.max=50000 100000",
                        "cpuset.cpus=0-1",
                        "cpuset.mems=0",
                        "pids.max=100");
    }

    @Test
    void limitsThatFewAskFor() {
        var rare =
                new Resources(64 << 20, 0, 0, 0, 0, 0, "", "", 0, null, 10L, 50 << 20, true, 950, 1000, BlockIo.NONE);
        var block = new BlockLimits(
                500,
                List.of(new BlockLimits.Limit(8, 0, 100)),
                List.of(new BlockLimits.Limit(8, 0, 1), new BlockLimits.Limit(8, 16, 2)),
                List.of(new BlockLimits.Limit(8, 0, 3)),
                List.of(new BlockLimits.Limit(8, 0, 4)),
                List.of(new BlockLimits.Limit(8, 0, 5)));
        Set<String> controllers = Set.of("memory", "cpu", "blkio", "io");
        var limits = new CgroupLimits(rare, List.of(), block);
        assertThat(text(new Hierarchy(Path.of("/cg"), false, controllers), limits))
                .containsExactly(
                        "memory.limit_in_bytes=67108864",
                        "memory.kmem.limit_in_bytes=52428800 if there",
                        "memory.swappiness=10",
                        "memory.oom_control=1",
                        "cpu.rt_period_us=1000",
                        "cpu.rt_runtime_us=950",
                        "blkio.weight=500 if there",
                        "blkio.bfq.weight=500 if there",
                        "blkio.weight_device=8:0 100 if there",
                        "blkio.bfq.weight_device=8:0 100 if there",
                        "blkio.throttle.read_bps_device=8:0 1",
                        "blkio.throttle.read_bps_device=8:16 2",
                        "blkio.throttle.write_bps_device=8:0 3",
                        "blkio.throttle.read_iops_device=8:0 4",
                        "blkio.throttle.write_iops_device=8:0 5");
        assertThat(text(new Hierarchy(Path.of("/cg"), true, controllers), limits))
                .containsExactly(
                        "memory.max=67108864",
                        "io.bfq.weight=500 if there",
                        "io.weight=4950 if there",
                        "io.bfq.weight=8:0 100 if there",
                        "io.max=8:0 rbps=1",
                        "io.max=8:16 rbps=2",
                        "io.max=8:0 wbps=3",
                        "io.max=8:0 riops=4",
                        "io.max=8:0 wiops=5");
    }

    @Test
    void deviceRulesFromText() {
        assertThat(DeviceRule.parse("c 10:* rw")).containsExactly(new DeviceRule('c', 10, DeviceRule.ANY, "rw"));
        assertThat(DeviceRule.parse("a *:* m"))
                .containsExactly(
                        new DeviceRule('c', DeviceRule.ANY, DeviceRule.ANY, "m"),
                        new DeviceRule('b', DeviceRule.ANY, DeviceRule.ANY, "m"));
        for (String wrong : List.of(
                "", "d 1:2 r", "c 1 r", "c -1:2 r", "c 1:2 rr", "c 1:2 x", "c 12345678:1 r", "x".repeat(9999))) {
            assertThatThrownBy(() -> DeviceRule.parse(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void noLimitsWriteNothing() {
        for (boolean unified : new boolean[] {false, true}) {
            assertThat(text(new Hierarchy(Path.of("/cg"), unified, ALL), CgroupLimits.none()))
                    .isEmpty();
        }
    }

    @Test
    void unlimitedSwap() {
        var limits = new CgroupLimits(new Resources(1 << 20, -1, 0, 0, 0, 0, "", "", -1, null), List.of());
        assertThat(text(new Hierarchy(Path.of("/cg"), false, ALL), limits))
                .containsExactly("memory.limit_in_bytes=1048576", "memory.memsw.limit_in_bytes=-1 if there");
        assertThat(text(new Hierarchy(Path.of("/cg"), true, ALL), limits))
                .containsExactly("memory.max=1048576", "memory.swap.max=max if there");
    }

    @Test
    void aLimitOfProcessesIsLifted() {
        for (boolean unified : new boolean[] {false, true}) {
            var tree = new Hierarchy(Path.of("/cg"), unified, ALL);
            assertThat(tree.changes(processes(20), processes(-1)))
                    .extracting(write -> write.file() + "=" + write.value())
                    .containsExactly("pids.max=max");
            assertThat(tree.changes(processes(20), processes(20))).isEmpty();
            assertThat(tree.changes(processes(0), processes(-1))).isEmpty();
        }
    }

    private static CgroupLimits processes(long most) {
        return new CgroupLimits(new Resources(0, 0, 0, 0, 0, 0, "", "", most, null), List.of());
    }

    @Test
    void weightsSpanTheRange() {
        assertThat(CpuController.weight(2)).isEqualTo(1);
        assertThat(CpuController.weight(1024)).isEqualTo(39);
        assertThat(CpuController.weight(262_144)).isEqualTo(10_000);
        assertThat(CpuController.weight(Long.MAX_VALUE)).isEqualTo(10_000);
    }

    @Test
    void hierarchiesFromMountInfo() {
        List<Hierarchy> found = Hierarchy.parse("""
                24 1 0:20 / /proc rw - proc proc rw
                30 24 0:25 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct
                31 24 0:26 / /sys/fs/cgroup/systemd rw shared:10 - cgroup cgroup rw,xattr,name=systemd
                32 24 0:26 / /mnt/again rw - cgroup cgroup rw,xattr,name=systemd
                33 24 0:27 /docker/x /mnt/part rw - cgroup cgroup rw,memory
                34 24 0:28 / /sys/fs/cgroup/my\\040unified rw - cgroup2 cgroup2 rw,nsdelegate
                """);
        assertThat(found)
                .containsExactly(
                        new Hierarchy(Path.of("/sys/fs/cgroup/cpu,cpuacct"), false, Set.of("cpu", "cpuacct")),
                        new Hierarchy(Path.of("/sys/fs/cgroup/systemd"), false, Set.of("name=systemd")),
                        new Hierarchy(Path.of("/sys/fs/cgroup/my unified"), true, Set.of()));
        assertThat(found.getFirst().joining(CgroupPath.LONGSHORE.container(ID, null)))
                .hasToString("/sys/fs/cgroup/cpu,cpuacct/longshore/" + ID + "/tasks");
    }

    @Test
    void parents() {
        assertThat(CgroupPath.LONGSHORE.container(ID, null)).hasToString("/longshore/" + ID);
        assertThat(CgroupPath.LONGSHORE.container(ID, "")).hasToString("/longshore/" + ID);
        assertThat(CgroupPath.LONGSHORE.container(ID, "a/b/")).hasToString("/a/b/" + ID);
        assertThat(CgroupPath.LONGSHORE.container(ID, "//a")).hasToString("/a/" + ID);
        assertThat(CgroupPath.LONGSHORE.container(ID, "/")).hasToString("/" + ID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "/a/../b", "a/./b", "a b", "a\nb", "a\0b", "..", "ä"})
    void hostileParentsAreRefused(String parent) {
        assertThatThrownBy(() -> CgroupPath.LONGSHORE.container(ID, parent)).isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void longParentsAreRefused() {
        assertThatThrownBy(() -> CgroupPath.LONGSHORE.container(ID, "/a".repeat(1_000_000)))
                .isInstanceOf(Failure.Invalid.class);
        assertThatThrownBy(() -> CgroupPath.LONGSHORE.container(ID, "a".repeat(300)))
                .isInstanceOf(Failure.Invalid.class);
    }

    private static List<String> text(Hierarchy hierarchy, CgroupLimits limits) {
        return hierarchy.writes(limits).stream()
                .map(write -> write.file() + "=" + write.value() + (write.optional() ? " if there" : ""))
                .toList();
    }
}
