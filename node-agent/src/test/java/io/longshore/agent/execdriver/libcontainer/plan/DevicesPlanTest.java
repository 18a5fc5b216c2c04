package io.longshore.agent.execdriver.libcontainer.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.cgroup.DeviceRule;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts.DeviceNode;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.error.Failure;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class DevicesPlanTest extends PlanFixture {
    private static DeviceNode at(String path) {
        return new DeviceNode(path, 0x2000 | 0640, 0xae5, 0, 6);
    }

    @Test
    void devicesAreMadeBeforeTheirFileSystemIsAttached() {
        devices = List.of(at("/dev/fuse"), at("/dev/sub/deep/one"), at("/dev/sub/deep/two"));
        String program = print(new TestSpecs("true"));
        assertThat(program).contains("""
                        child mknodat(dev, "fuse", 8608, 2789) # make /dev/fuse
                        child fchownat(dev, "fuse", 0, 6, AT_SYMLINK_NOFOLLOW) # make /dev/fuse
                        child mkdirat(dev, "sub", 493) tolerates EEXIST # make /dev/sub/deep/one
                        child mkdirat(dev, "sub/deep", 493) tolerates EEXIST # make /dev/sub/deep/one
                        child target = openat2(dev, "sub/deep", {24 bytes}, 24) # make /dev/sub/deep/one
                        child mknodat(target, "one", 8608, 2789) # make /dev/sub/deep/one
                        """);
        assertThat(program.split("mkdirat\\(dev, \"sub\"", -1)).hasSize(2);
        assertThat(program.indexOf("make /dev/sub/deep/two")).isLessThan(program.indexOf("mount tmpfs on /dev\n"));
        assertThat(plan(new TestSpecs("true")).limits().devices())
                .containsAll(DeviceRule.DOCKER_DEFAULT)
                .endsWith(new DeviceRule('c', 10, 229, "r"));
    }

    @Test
    void aDeviceElsewhereLeavesWhatIsThere() {
        devices = List.of(at("/srv/x"));
        assertThat(print(new TestSpecs("true"))).contains("""
                        child mknodat(target, "x", 8608, 2789) tolerates EEXIST else skip 1 # make /srv/x
                        child fchownat(target, "x", 0, 6, AT_SYMLINK_NOFOLLOW) # make /srv/x
                        """);
    }

    /** A node with more of them than a program has room for starts privileged containers all the same. */
    @Test
    void aPrivilegedContainerHasWhatFits() {
        List<HostFacts.DeviceNode> all = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            all.add(at("/dev/x" + i));
        }
        facts = new HostFacts(
                HYBRID.hierarchies(),
                HYBRID.cgroupRoot(),
                HYBRID.capabilities(),
                HYBRID.lastCapability(),
                all,
                HYBRID.appArmor(),
                true,
                List.of());
        TestSpecs spec = new TestSpecs("true");
        spec.privileged = true;
        assertThat(print(spec)).contains("make /dev/x400\n").doesNotContain("make /dev/x600\n");
    }

    @Test
    void whatMasksFilesIsAlwaysTheRealOne() {
        devices = List.of(at("/dev/null"), at("/dev/zero"), at("/dev/pts/0"), at("/dev/shm"), at("/dev/fd"));
        String program = print(new TestSpecs("true"));
        assertThat(program)
                .contains("mknodat(dev, \"null\", 8630, 259)")
                .contains("mknodat(dev, \"zero\", 8608, 2789)")
                .doesNotContain("mknodat(dev, \"zero\", 8630")
                .doesNotContain("make /dev/pts/0")
                .doesNotContain("mknodat(dev, \"shm\"")
                .doesNotContain("mknodat(dev, \"fd\"");
    }

    @Test
    void hostilePaths() {
        for (String path : List.of("/", "/proc/x", "/sys/fs/x", "relative", "/dev/../proc/x", "/" + "x/".repeat(100))) {
            devices = List.of(at(path));
            assertThatThrownBy(() -> plan(new TestSpecs("true"))).as(path).isInstanceOf(Failure.Invalid.class);
        }
        devices = Collections.nCopies(10, at("/dev/../dev/./same"));
        assertThat(print(new TestSpecs("true")).split("mknodat\\(dev, \"same\"", -1))
                .hasSize(2);
        devices = java.util.stream.IntStream.range(0, 600)
                .mapToObj(i -> at("/dev/d" + i))
                .toList();
        assertThatThrownBy(() -> plan(new TestSpecs("true"))).hasMessageContaining("at most 500 devices");
    }

    @Test
    void aDevThatIsNotUsedIsAttachedBeforePathsAreMasked() {
        TestSpecs spec = new TestSpecs("true");
        assertThat(print(spec)).doesNotContain("attach the unused /dev");
        spec.mounts.add(new Mount(Mount.Kind.BIND, "/dev", "/dev", false, List.of(), false));
        String plan = print(spec);
        assertThat(plan.indexOf("attach the unused /dev")).isPositive().isLessThan(plan.indexOf("mask /proc"));
    }
}
