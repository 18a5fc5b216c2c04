package io.longshore.agent.cgroup.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Hierarchy;
import io.longshore.contracts.agent.Sample;
import io.longshore.contracts.agent.Sample.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as version 1 has them on a machine with Linux 6.18, and as cgroup-v2.rst documents those of version 2. */
class CgroupUsageTest {
    private static final CgroupPath PATH = new CgroupPath("/longshore/c");

    @TempDir
    private Path directory;

    @BeforeEach
    void machine() throws IOException {
        write("proc/stat", """
                cpu  100 20 30 4000 50 6 7 800 9 10
                cpu0 50 10 15 2000 25 3 3 400 4 5
                cpu1 50 10 15 2000 25 3 4 400 5 5
                intr 12345 0 0
                """);
        write("proc/meminfo", "MemTotal:        8167848 kB\nMemFree:          100000 kB\n");
    }

    private void write(String file, String text) throws IOException {
        Path path = directory.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private Sample read(List<Hierarchy> hierarchies) {
        return new CgroupUsage(hierarchies, directory.resolve("proc")).read(PATH, Map.of());
    }

    private Hierarchy v1(String controller) {
        return new Hierarchy(directory.resolve(controller), false, Set.of(controller));
    }

    private List<Hierarchy> v1() {
        return List.of(
                v1("cpu"),
                v1("cpuacct"),
                v1("memory"),
                v1("blkio"),
                v1("pids"),
                new Hierarchy(directory.resolve("unified"), true, Set.of("hugetlb")));
    }

    private List<Hierarchy> v2() {
        return List.of(new Hierarchy(
                directory.resolve("v2"), true, Set.of("cpuset", "cpu", "io", "memory", "hugetlb", "pids")));
    }

    @Test
    void versionOne() throws IOException {
        write("cpuacct/longshore/c/cpuacct.usage", "91200576664\n");
        write("cpuacct/longshore/c/cpuacct.usage_percpu", "50103657797 41096918867 \n");
        write("cpuacct/longshore/c/cpuacct.stat", "user 1550\nsystem 7569\n");
        write("cpu/longshore/c/cpu.stat", """
                nr_periods 12
                nr_throttled 3
                throttled_time 400000
                nr_bursts 0
                burst_time 0
                """);
        write("memory/longshore/c/memory.usage_in_bytes", "2183168\n");
        write("memory/longshore/c/memory.max_usage_in_bytes", "4000000\n");
        write("memory/longshore/c/memory.failcnt", "7\n");
        write("memory/longshore/c/memory.limit_in_bytes", "67108864\n");
        write("memory/longshore/c/memory.stat", """
                cache 4096
                rss 8192
                shmem 0
                workingset_refault_file 9
                pgfault 372517
                hierarchical_memory_limit 67108864
                hierarchical_memsw_limit 9223372036854771712
                total_cache 2183168
                total_inactive_file 17
                """);
        write("blkio/longshore/c/blkio.throttle.io_service_bytes_recursive", """
                254:0 Read 4096
                254:0 Write 8192
                254:0 Sync 0
                254:0 Async 12288
                254:0 Discard 0
                254:0 Total 12288
                Total 12288
                """);
        write("blkio/longshore/c/blkio.throttle.io_serviced_recursive", "254:0 Read 1\nTotal 1\n");
        write("pids/longshore/c/pids.current", "5\n");
        write("pids/longshore/c/pids.max", "max\n");
        Sample sample = read(v1());
        assertThat(sample.cpu())
                .isEqualTo(new Sample.Cpu(
                        91_200_576_664L,
                        List.of(50_103_657_797L, 41_096_918_867L),
                        75_690_000_000L,
                        15_500_000_000L,
                        42_130_000_000L,
                        2,
                        12,
                        3,
                        400_000));
        assertThat(sample.memory().usage()).isEqualTo(2_183_168);
        assertThat(sample.memory().peak()).isEqualTo(4_000_000);
        assertThat(sample.memory().failures()).isEqualTo(7);
        assertThat(sample.memory().limit()).isEqualTo(67_108_864);
        assertThat(sample.memory().details())
                .hasSize(32)
                .containsEntry("cache", 4_096L)
                .containsEntry("total_cache", 2_183_168L)
                .containsEntry("total_inactive_file", 17L)
                .containsEntry("hierarchical_memsw_limit", 9_223_372_036_854_771_712L)
                .containsEntry("total_rss", 0L)
                .doesNotContainKeys("shmem", "workingset_refault_file");
        assertThat(sample.block().bytes())
                .hasSize(6)
                .startsWith(new Entry(254, 0, "Read", 4_096), new Entry(254, 0, "Write", 8_192));
        assertThat(sample.block().operations()).containsExactly(new Entry(254, 0, "Read", 1));
        assertThat(sample.block().queued()).isEmpty();
        assertThat(sample.block().sectors()).isEmpty();
        assertThat(sample.pids()).isEqualTo(new Sample.Pids(5, 0));
        assertThat(sample.read()).isBetween(Instant.now().minusSeconds(10), Instant.now());
    }

    @Test
    void versionOneWithTheAccountsOfAScheduler() throws IOException {
        write("blkio/longshore/c/blkio.io_serviced_recursive", "8:0 Read 2\nTotal 2\n");
        write("blkio/longshore/c/blkio.io_service_bytes_recursive", "8:0 Read 1024\nTotal 1024\n");
        write("blkio/longshore/c/blkio.time_recursive", "8:0 77\n");
        Sample.Block block = read(v1()).block();
        assertThat(block.bytes()).containsExactly(new Entry(8, 0, "Read", 1_024));
        assertThat(block.time()).containsExactly(new Entry(8, 0, "", 77));
        assertThat(block.merged()).isEmpty();
    }

    @Test
    void versionOneWithoutAnAccountOfThoseBelow() throws IOException {
        write("blkio/longshore/c/blkio.throttle.io_service_bytes", "8:0 Read 1024\n");
        assertThat(read(v1()).block().bytes()).containsExactly(new Entry(8, 0, "Read", 1_024));
    }

    @Test
    void aLimitBeyondTheMachineIsTheMachine() throws IOException {
        write("memory/longshore/c/memory.limit_in_bytes", "9223372036854771712\n");
        assertThat(read(v1()).memory().limit()).isEqualTo(8_167_848L * 1_024);
        write("memory/longshore/c/memory.limit_in_bytes", "18446744073709551615\n");
        assertThat(read(v1()).memory().limit()).isEqualTo(8_167_848L * 1_024);
    }

    @Test
    void versionTwo() throws IOException {
        write("v2/longshore/c/cpu.stat", """
                usage_usec 29912
                user_usec 7918
                system_usec 21994
                nice_usec 0
                core_sched.force_idle_usec 0
                nr_periods 5
                nr_throttled 2
                throttled_usec 900
                nr_bursts 0
                burst_usec 0
                """);
        write("v2/longshore/c/memory.current", "9437184\n");
        write("v2/longshore/c/memory.max", "max\n");
        write("v2/longshore/c/memory.events", "low 0\nhigh 0\nmax 31\noom 2\noom_kill 1\noom_group_kill 0\n");
        write("v2/longshore/c/memory.stat", """
                anon 1572864
                file 7626752
                kernel 1245184
                kernel_stack 16384
                pagetables 90112
                sec_pagetables 0
                percpu 288
                sock 0
                vmalloc 0
                shmem 0
                zswap 0
                file_mapped 2723840
                file_dirty 0
                file_writeback 0
                anon_thp 0
                inactive_anon 0
                active_anon 1572864
                inactive_file 2510848
                active_file 5115904
                unevictable 0
                slab_reclaimable 725576
                slab_unreclaimable 455352
                slab 1180928
                workingset_refault_anon 3
                workingset_refault_file 4
                workingset_activate_anon 0
                workingset_activate_file 5
                workingset_nodereclaim 0
                pgscan 10
                pgsteal 9
                pgfault 2042
                pgmajfault 45
                thp_fault_alloc 1
                """);
        write("v2/longshore/c/io.stat", """
                8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0
                8:0 rbytes=90430464 wbytes=299008000 rios=8950 wios=1252 dbytes=50331648 dios=3021
                7:0\s
                """);
        write("v2/longshore/c/pids.current", "5\n");
        write("v2/longshore/c/pids.max", "max\n");
        Sample sample = read(v2());
        assertThat(sample.cpu())
                .isEqualTo(new Sample.Cpu(29_912_000, null, 21_994_000, 7_918_000, 42_130_000_000L, 2, 5, 2, 900_000));
        assertThat(sample.memory().usage()).isEqualTo(9_437_184);
        assertThat(sample.memory().peak()).isNull();
        assertThat(sample.memory().failures()).isEqualTo(2);
        assertThat(sample.memory().limit()).isEqualTo(8_167_848L * 1_024);
        assertThat(sample.memory().details())
                .hasSize(31)
                .containsEntry("anon", 1_572_864L)
                .containsEntry("inactive_file", 2_510_848L)
                .containsEntry("workingset_refault", 7L)
                .containsEntry("workingset_activate", 5L)
                .containsEntry("thp_fault_alloc", 1L)
                .containsEntry("pglazyfree", 0L)
                .doesNotContainKeys("kernel", "zswap", "workingset_refault_anon");
        assertThat(sample.block().bytes())
                .containsExactly(
                        new Entry(8, 16, "read", 1_459_200),
                        new Entry(8, 16, "write", 314_773_504),
                        new Entry(8, 0, "read", 90_430_464),
                        new Entry(8, 0, "write", 299_008_000));
        assertThat(sample.block().operations()).isNull();
        assertThat(sample.pids()).isEqualTo(new Sample.Pids(5, -1));
    }

    @Test
    void versionTwoOfAnOlderKernelWithLimits() throws IOException {
        write("v2/longshore/c/memory.max", "67108864\n");
        write("v2/longshore/c/memory.stat", "anon 1\nworkingset_refault 8\n");
        write("v2/longshore/c/pids.max", "100\n");
        Sample sample = read(v2());
        assertThat(sample.memory().limit()).isEqualTo(67_108_864);
        assertThat(sample.memory().details()).containsEntry("workingset_refault", 8L);
        assertThat(sample.pids().limit()).isEqualTo(100);
    }

    @Test
    void versionTwoWithoutTheControllersStillKnowsTheTime() throws IOException {
        write("v2/longshore/c/cpu.stat", "usage_usec 10\nuser_usec 4\nsystem_usec 6\n");
        Sample sample = read(List.of(new Hierarchy(directory.resolve("v2"), true, Set.of())));
        assertThat(sample.cpu().total()).isEqualTo(10_000);
        assertThat(sample.block().bytes()).isNull();
    }

    @Test
    void whatIsGoneOrMakesNoSenseCountsNothing() throws IOException {
        assertThat(read(v1()).cpu().total()).isZero();
        assertThat(read(v2()).memory().usage()).isZero();
        write("v2/longshore/c/cpu.stat", "usage_usec -5\nuser_usec\nsystem_usec 99999999999999999999999\n\0\n");
        write("v2/longshore/c/io.stat", "nonsense rbytes=1 wbytes=2\n8:0 rbytes=x wbytes=1\n:0 rbytes=1 wbytes=1\n");
        write("v2/longshore/c/memory.current", "many\n");
        Sample sample = read(v2());
        assertThat(sample.cpu().total()).isZero();
        assertThat(sample.block().bytes()).containsExactly(new Entry(8, 0, "write", 1));
        assertThat(sample.memory().usage()).isZero();
    }
}
