package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.cgroup.TestHierarchies;
import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.SessionLaunch;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.contracts.agent.BlockIo;
import io.longshore.contracts.agent.ContainerSpec.DeviceValue;
import io.longshore.contracts.agent.ContainerSpec.Resources;
import io.longshore.contracts.agent.Sample;
import io.longshore.contracts.agent.SessionSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a machine with nothing but cgroup v2 does in another way; the module vm runs it in one. */
class CgroupVmIT extends SandboxFixture {
    /** The disk of the machine, which can be limited. */
    private static final String DISK = "/dev/vda";

    private static final AttachRequest OUTPUT = new AttachRequest(false, true, true);

    @BeforeEach
    void itIsSuchAMachine() {
        assertThat(TestHierarchies.areUnifiedOnly()).isTrue();
    }

    private static Resources limits(long memory, long swap, long quota, BlockIo block) {
        return new Resources(
                memory, swap, 32 << 20, 512, quota, 50_000, "0", "0", 50, null, null, 0, false, 0, 0, block);
    }

    private static BlockIo rates(long readBps) {
        return new BlockIo(
                500,
                List.of(),
                List.of(new DeviceValue(DISK, readBps)),
                List.of(),
                List.of(),
                List.of(new DeviceValue(DISK, 300)));
    }

    private Path cgroup(Launch launch) {
        return TestHierarchies.directories(BusyboxHost.CGROUPS + "/" + launch.id())
                .getFirst();
    }

    private static String read(Path cgroup, String file) throws IOException {
        return Files.readString(cgroup.resolve(file)).strip();
    }

    private Launch started(TestSpecs spec) {
        Launch launch = host.launch(spec);
        driver.create(launch, exits);
        driver.start(launch.id());
        return launch;
    }

    @Test
    void everyLimitIsInItsFileAndCanBeChanged() throws IOException {
        TestSpecs spec = new TestSpecs("sleep", "1000");
        spec.resources = limits(64 << 20, 96 << 20, 25_000, rates(1 << 20));
        Launch launch = started(spec);
        Path cgroup = cgroup(launch);
        String disk = read(Path.of("/sys/block/vda"), "dev");
        assertThat(read(cgroup, "memory.max")).isEqualTo("67108864");
        assertThat(read(cgroup, "memory.swap.max")).isEqualTo("33554432");
        assertThat(read(cgroup, "memory.low")).isEqualTo("33554432");
        assertThat(read(cgroup, "cpu.weight")).isEqualTo("20");
        assertThat(read(cgroup, "cpu.max")).isEqualTo("25000 50000");
        assertThat(read(cgroup, "cpuset.cpus")).isEqualTo("0");
        assertThat(read(cgroup, "cpuset.mems")).isEqualTo("0");
        assertThat(read(cgroup, "pids.max")).isEqualTo("50");
        assertThat(read(cgroup, "io.weight")).isEqualTo("default 4950");
        assertThat(read(cgroup, "io.max")).isEqualTo(disk + " rbps=1048576 wbps=max riops=max wiops=300");

        Resources more = limits(128 << 20, -1, 0, rates(2 << 20));
        driver.controls().limit(launch.id(), spec.resources, more);
        assertThat(read(cgroup, "memory.max")).isEqualTo("134217728");
        assertThat(read(cgroup, "memory.swap.max")).isEqualTo("max");
        assertThat(read(cgroup, "cpu.max")).isEqualTo("max 50000");
        assertThat(read(cgroup, "io.max")).isEqualTo(disk + " rbps=2097152 wbps=max riops=max wiops=300");
        driver.controls().limit(launch.id(), more, spec.resources);
        assertThat(read(cgroup, "memory.swap.max")).isEqualTo("33554432");
        assertThat(read(cgroup, "cpu.max")).isEqualTo("25000 50000");
    }

    @Test
    void aLimitThatIsRefusedIsNamedAndNothingIsLeft() {
        TestSpecs spec = new TestSpecs("true");
        spec.resources = limits(64 << 20, 0, 1, BlockIo.NONE);
        Launch launch = host.launch(spec);
        assertThatThrownBy(() -> driver.create(launch, exits))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("cannot set cpu.max of the container to 1 50000");
        assertThat(cgroup(launch)).doesNotExist();
    }

    @Test
    void itIsTheRootOfItsOwnTree() {
        TestSpecs spec =
                shell("cat /proc/self/cgroup; cd /sys/fs/cgroup; head -n 1 cgroup.procs; echo 0 >cgroup.procs");
        spec.cgroupNamespace = "private";
        assertThat(run(spec).output()).isEqualTo("0::/\n1\nsh: can't create cgroup.procs: Read-only file system\n");
    }

    @Test
    void devicesAreKeptFromIt() {
        assertThat(output("mknod /tmp/null c 1 3; echo x >/tmp/null; mknod /tmp/kmsg c 1 11; head -c 1 /tmp/kmsg"))
                .isEqualTo("head: /tmp/kmsg: Operation not permitted\n");
    }

    @Test
    void figures() throws Exception {
        // 8 MB of its own memory, as much to the disk, and some time.
        TestSpecs spec = shell("dd if=/dev/zero of=/tmp/file bs=1M count=8 conv=fsync 2>/dev/null; "
                + "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 1000 & echo done; wait");
        spec.resources = limits(64 << 20, 0, 25_000, BlockIo.NONE);
        Launch launch = host.launch(spec);
        driver.create(launch, exits);
        try (Duplex stream = driver.attach(launch.id(), OUTPUT)) {
            driver.start(launch.id());
            byte[] frame = stream.input().readNBytes(8 + "done\n".length());
            assertThat(new String(frame, StandardCharsets.UTF_8)).endsWith("done\n");
        }
        Sample sample = driver.figures().orElseThrow().sample(launch.id());
        assertThat(sample.cpu().total())
                .isGreaterThan(1_000_000)
                .isLessThan(sample.cpu().system());
        assertThat(sample.cpu().kernel() + sample.cpu().user())
                .isPositive()
                .isLessThanOrEqualTo(sample.cpu().total());
        assertThat(sample.cpu().online()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(sample.cpu().periods()).isPositive();
        assertThat(sample.cpu().throttledPeriods()).isPositive();
        assertThat(sample.cpu().throttled()).isPositive();
        assertThat(sample.memory().limit()).isEqualTo(64 << 20);
        assertThat(sample.memory().usage()).isBetween(8L << 20, 64L << 20);
        assertThat(sample.memory().details().get("file")).isGreaterThanOrEqualTo(8L << 20);
        assertThat(sample.memory().details().get("anon")).isPositive();
        assertThat(sample.pids()).isEqualTo(new Sample.Pids(2, 50));
        assertThat(sample.block().bytes())
                .anyMatch(entry -> entry.operation().equals("write") && entry.value() >= 8 << 20);
    }

    @Test
    void whoIsFrozenStandsStillAndDies() throws Exception {
        Launch launch = started(shell("while true; do echo >>/tmp/ticks; sleep 0.01; done"));
        Path ticks = host.root.resolve("tmp/ticks");
        awaitMore(ticks, 0);
        driver.controls().freeze(launch.id());
        assertThat(driver.controls().isFrozen(launch.id())).isTrue();
        long count = Files.size(ticks);
        TimeUnit.MILLISECONDS.sleep(300);
        assertThat(Files.size(ticks)).isEqualTo(count);
        driver.controls().thaw(launch.id());
        assertThat(driver.controls().isFrozen(launch.id())).isFalse();
        awaitMore(ticks, count);
        driver.controls().freeze(launch.id());
        driver.signal(launch.id(), 9);
        assertThat(exits.next(launch.id()).code()).isEqualTo(137);
    }

    private static void awaitMore(Path file, long size) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Files.exists(file) || Files.size(file) <= size) {
            assertThat(System.nanoTime()).as("nothing was written to " + file).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** As systemd does in a container: then the container's own cgroup takes no processes, and its first one is further down. */
    @Test
    void oneThatDividesItsCgroup() throws Exception {
        TestSpecs spec = shell("cd /sys/fs/cgroup && mkdir init.scope other && echo 1 >init.scope/cgroup.procs "
                + "&& echo +pids +memory >cgroup.subtree_control && echo done; exec sleep 1000");
        spec.privileged = true;
        spec.cgroupNamespace = "private";
        Launch launch = host.launch(spec);
        driver.create(launch, exits);
        try (Duplex stream = driver.attach(launch.id(), OUTPUT)) {
            driver.start(launch.id());
            byte[] frame = stream.input().readNBytes(8 + "done\n".length());
            assertThat(new String(frame, StandardCharsets.UTF_8)).endsWith("done\n");
        }
        var session = new SessionSpec(
                ExecId.random(),
                launch.id(),
                List.of("cat", "/proc/self/cgroup"),
                List.of(),
                "",
                "",
                false,
                false,
                false);
        driver.sessions().create(new SessionLaunch(launch.spec(), session), (id, exit) -> {});
        try (Duplex stream = driver.sessions().attach(session.id(), OUTPUT)) {
            driver.sessions().start(session.id());
            assertThat(new String(stream.input().readAllBytes(), StandardCharsets.UTF_8))
                    .endsWith("0::/init.scope\n");
        }
        driver.sessions().destroy(session.id());
        assertThat(driver.figures().orElseThrow().sample(launch.id()).pids().current())
                .isEqualTo(1);
        driver.controls().freeze(launch.id());
        driver.controls().thaw(launch.id());
        driver.destroy(launch.id());
        assertThat(cgroup(launch)).doesNotExist();
    }
}
