package io.longshore.agent.execdriver.libcontainer.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.contracts.agent.BindUse;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.VolumeUse;
import io.longshore.contracts.error.Failure;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LaunchPlanTest extends PlanFixture {
    private static Mount tmpfs(String destination, String... options) {
        return new Mount(Mount.Kind.TMPFS, "", destination, false, List.of(options), false);
    }

    private void refused(TestSpecs spec, String message) {
        assertThatThrownBy(() -> plan(spec).create().encode())
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(message);
    }

    @Test
    void theProcessIsPlaced() {
        String program = print(new TestSpecs("true"));
        assertThat(program)
                .startsWith("""
                        clone3 CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWNET into cgroup cgroup
                        prepare cgroup = openat(AT_FDCWD, "/cg/unified/longshore/""" + ID + "\"")
                .contains("child file = openat(AT_FDCWD, \"/cg/cpu,cpuacct/longshore/" + ID + "/tasks\"")
                .contains("symlinkat(\"cpu,cpuacct\", cgroups, \"cpuacct\")")
                .doesNotContain("unshare(")
                .doesNotContain("child file = openat(AT_FDCWD, \"/cg/unified/");
    }

    @Test
    void theSupervisorIsPlacedBefore() {
        assertThat(NurseryPlan.of(facts).print())
                .startsWith("start 0: file = openat(AT_FDCWD, \"/proc/self/oom_score_adj\"")
                .contains("openat(AT_FDCWD, \"/cg/memory/longshore/supervisors/tasks\"")
                .contains("openat(AT_FDCWD, \"/cg/unified/longshore/supervisors/cgroup.procs\"");
        assertThat(print(new TestSpecs("true"))).doesNotContain("supervisors");
    }

    @Test
    void versionTwoHasANamespaceOfItsOwn() {
        facts = UNIFIED;
        TestSpecs spec = new TestSpecs("true");
        spec.cgroupNamespace = "private";
        assertThat(print(spec))
                .contains("child unshare(CLONE_NEWCGROUP)")
                .contains("fsopen(\"cgroup2\"")
                .doesNotContain("child file = openat(AT_FDCWD, \"/cg");
        spec.cgroupNamespace = "host";
        assertThat(print(spec)).doesNotContain("unshare(");
    }

    @Test
    void overlayIsMountedFromItsDirectory() {
        root = new RootFs.Overlay("/data/o", List.of("l/B", "l/A"), "/data/o/u", "/data/o/w", "/data/o/m");
        assertThat(print(new TestSpecs("true"))).contains("""
                        child mount("none", "/", 0, MS_REC|MS_PRIVATE, 0) # make all mounts private
                        child chdir("/data/o") # enter /data/o
                        child mount("overlay", "/data/o/m", "overlay", 0, "lowerdir=l/B:l/A,upperdir=/data/o/u,workdir=/data/o/w") # mount the root /data/o/m
                        child root = openat(AT_FDCWD, "/data/o/m", O_DIRECTORY|O_CLOEXEC|O_PATH, 0) # open the root /data/o/m
                        """);
        root = new RootFs.Overlay("/w", Collections.nCopies(1000, "l/ABCDEF"), "/u", "/x", "/m");
        refused(new TestSpecs("true"), "too many layers (1000)");
    }

    @Test
    void networks() {
        assertThat(print(new TestSpecs("true"))).contains("# set lo up").contains("# allow low ports");
        sandbox = new Sandbox.Host();
        assertThat(print(new TestSpecs("true"))).doesNotContain("CLONE_NEWNET").doesNotContain("# set lo up");
        sandbox = new Sandbox.Namespace("/run/netns/x");
        assertThat(print(new TestSpecs("true")))
                .contains("child setns(file, CLONE_NEWNET) # enter network namespace /run/netns/x")
                .doesNotContain("|CLONE_NEWNET into");
    }

    @Test
    void rootIsReadOnlyAfterAllIsMadeInIt() {
        TestSpecs spec = new TestSpecs("true");
        spec.readOnlyRoot = true;
        spec.workingDirectory = "/srv/app";
        String program = print(spec);
        assertThat(program.indexOf("make the root read-only"))
                .isGreaterThan(program.indexOf("working directory /srv/app"));
        assertThat(program).endsWith("""
                        child mount_setattr(root, "", AT_EMPTY_PATH, {32 bytes}, 32) # make the root read-only
                        child cwd = openat2(root, "/srv/app", {24 bytes}, 24) # working directory /srv/app
                        child fchdir(root) # pivot_root
                        child pivot_root(".", ".") # pivot_root
                        child umount2(".", MNT_DETACH) # pivot_root
                        child chdir("/") # pivot_root
                        """);
    }

    @Test
    void ownMountsTakeThePlaceOfOurs() {
        TestSpecs spec = new TestSpecs("true");
        spec.mounts = List.of(tmpfs("/dev/shm/", "size=1m", "exec"), tmpfs("/etc/hosts/../hosts"));
        assertThat(print(spec))
                .doesNotContain("# mount tmpfs on /dev/shm\nchild close(mount)\nchild setsid")
                .doesNotContain("/data/c/hosts")
                .contains("/data/c/resolv.conf")
                .contains("# tmpfs option size=1m")
                .contains("child mode = load({256 bytes}, 28, 2) # mount tmpfs on /dev/shm")
                .contains("child fchmodat(mount, \".\", mode) # mount tmpfs on /dev/shm");
        spec.mounts = List.of(tmpfs("/dev/pts"));
        assertThat(print(spec)).doesNotContain("# make /dev/pts\n").doesNotContain("mount devpts on /dev/pts");
        spec.mounts = List.of(tmpfs("/t", "mode=700"));
        assertThat(print(spec)).doesNotContain("fchmodat(");
    }

    @Test
    void bindMountsOfFilesAndDirectories() {
        TestSpecs spec = new TestSpecs("true");
        files = Set.of("/host/file");
        volumes.put("/data", "/volumes/v/_data");
        spec.mounts = List.of(
                new Mount(Mount.Kind.BIND, "/host/file", "/in/file", true, List.of(), false),
                new Mount(Mount.Kind.VOLUME, "v", "/data", false, List.of(), false));
        assertThat(print(spec))
                .contains("child mount = open_tree(AT_FDCWD, \"/host/file\"")
                .contains("child file = openat(directory, \"file\", O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 420)")
                .contains("child mkdirat(parent, \"data\", 493) # mount /volumes/v/_data on /data");
    }

    private static Mount bind(boolean readOnly, BindUse use) {
        return new Mount(Mount.Kind.BIND, "/host/x", "/in", readOnly, List.of(), false, "", VolumeUse.WHOLE, use);
    }

    /** A copy of a mount that is private by then would be cut off from its source. */
    @Test
    void whatPropagatesIsOpenedBeforeAllIsMadePrivate() {
        TestSpecs spec = new TestSpecs("true");
        spec.mounts = List.of(bind(false, new BindUse("rslave", true, true, true)));
        String program = print(spec);
        assertThat(program)
                .contains("child mount0 = open_tree(AT_FDCWD, \"/host/x\"")
                .contains("child mount_setattr(mount0, \"\", AT_EMPTY_PATH|AT_RECURSIVE, {32 bytes}, 32)")
                .doesNotContain("/proc/1/ns/mnt");
        assertThat(program.indexOf("mount0 = open_tree")).isLessThan(program.indexOf("make all mounts private"));
        ofHost = Set.of("/host/x");
        spec.mounts = List.of(bind(false, new BindUse("shared", true, true, true)));
        assertThat(print(spec))
                .contains("\"/proc/1/ns/mnt\"")
                .contains("child mount_setattr(mount0, \"\", AT_EMPTY_PATH, {32 bytes}, 32)");
    }

    @Test
    void readOnlyReachesBelowUnlessItIsNotTo() {
        TestSpecs spec = new TestSpecs("true");
        spec.mounts = List.of(bind(true, BindUse.PLAIN));
        assertThat(print(spec))
                .contains("child mount_setattr(mount, \"\", AT_EMPTY_PATH|AT_RECURSIVE, {32 bytes}, 32)"
                        + " # mount /host/x on /in");
        spec.mounts = List.of(bind(true, new BindUse("rprivate", false, false, true)));
        assertThat(print(spec))
                .contains("child mount_setattr(mount, \"\", AT_EMPTY_PATH, {32 bytes}, 32) # mount /host/x on /in");
    }

    /** Both steps go by descriptors, so that nothing in the volume leads out of it. */
    @Test
    void partOfAVolumeIsOpenedInTheVolume() {
        TestSpecs spec = new TestSpecs("true");
        volumes.put("/data", "/volumes/v/_data");
        spec.mounts = List.of(new Mount(
                Mount.Kind.VOLUME,
                "v",
                "/data",
                false,
                List.of(),
                false,
                "",
                new VolumeUse("local", "a/b"),
                BindUse.PLAIN));
        assertThat(print(spec))
                .contains("child file = openat(AT_FDCWD, \"/volumes/v/_data\"")
                .contains("child target = openat2(file, \"a/b\", {24 bytes}, 24)")
                .contains("child mount = open_tree(target, \"\"")
                .doesNotContain("_data/a/b\"");
    }

    @Test
    void privilegedHasDevicesAndNoWalls() {
        TestSpecs spec = new TestSpecs("true");
        assertThat(print(spec))
                .contains("# mask /proc/keys", "# mask /sys/devices/system/cpu/cpu0/thermal_throttle")
                .doesNotContain("/dev/kvm");
        spec.privileged = true;
        assertThat(print(spec)).doesNotContain("# mask ").contains("# make /dev/kvm");
        assertThat(plan(spec).limits().devices()).isEmpty();
    }

    @Test
    void wrongMounts() {
        TestSpecs spec = new TestSpecs("true");
        for (String destination :
                List.of("/", "/x/..", "/proc", "/proc/sys", "/./proc/../proc/x", "relative", "/a\0b")) {
            spec.mounts = List.of(tmpfs(destination));
            refused(spec, "");
        }
        spec.mounts = List.of(tmpfs("/t", "size=1m", "evil=1"));
        refused(spec, "invalid tmpfs option \"evil=1\" for /t");
        spec.mounts = List.of(new Mount(Mount.Kind.BIND, "relative", "/x", false, List.of(), false));
        refused(spec, "mount path must be absolute");
    }

    @Test
    void hostileSizes() {
        for (int size : new int[] {1, 100, 4_096, 65_536, 2_000_000}) {
            String large = "a".repeat(size);
            List<String> many = Collections.nCopies(Math.min(size, 100_000), "/x");
            for (Runnable one : List.<Runnable>of(
                    () -> encode(spec -> spec.hostname = large),
                    () -> encode(spec -> spec.domainname = large),
                    () -> encode(spec -> spec.workingDirectory = "/" + large),
                    () -> encode(spec -> spec.workingDirectory = "/a".repeat(size)),
                    () -> encode(spec -> spec.maskedPaths = many),
                    () -> encode(spec -> spec.readOnlyPaths = List.of("/" + large)),
                    () -> encode(spec -> spec.mounts = List.of(tmpfs("/" + large))),
                    () -> encode(spec -> spec.mounts = List.of(tmpfs("/t", "size=" + large))),
                    () -> encode(spec -> spec.mounts = Collections.nCopies(Math.min(size, 100_000), tmpfs("/t"))))) {
                try {
                    one.run();
                } catch (Failure.Invalid e) {
                    assertThat(e.text().length()).isLessThan(1_000);
                }
            }
        }
    }

    private void encode(java.util.function.Consumer<TestSpecs> change) {
        TestSpecs spec = new TestSpecs("true");
        change.accept(spec);
        assertThat(plan(spec).create().encode().length).isLessThan(8 << 20);
    }
}
