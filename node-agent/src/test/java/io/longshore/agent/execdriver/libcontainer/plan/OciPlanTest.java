package io.longshore.agent.execdriver.libcontainer.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.account.Identity;
import io.longshore.agent.cgroup.BlockLimits;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.contracts.agent.BindUse;
import io.longshore.contracts.agent.ContainerSpec.Limit;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.ContainerSpec.Namespace;
import io.longshore.contracts.agent.ContainerSpec.Namespaces;
import io.longshore.contracts.agent.VolumeUse;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What an OCI runtime is asked to make, and what is done around it. */
class OciPlanTest {
    private static final OciFiles FILES = new OciFiles("/run/a/ID.bundle");
    private static final OciPlan.RuntimeCommand RUNC =
            new OciPlan.RuntimeCommand("/usr/sbin/runc", List.of("--debug"), FILES);

    private HostFacts facts = PlanFixture.HYBRID;
    private Sandbox sandbox = new Sandbox.Private();
    private LaunchFacts.Shared shared = LaunchFacts.Shared.NOTHING;

    private Launch launch(TestSpecs spec) {
        spec.id = io.longshore.contracts.id.ContainerId.parse(PlanFixture.ID);
        var root = new RootFs.Overlay("/data/overlay2", List.of("l/1"), "/data/u", "/data/w", "/data/mnt");
        return new Launch(spec.build(), root, Map.of("/v", "/data/volumes/v/_data"), sandbox, "/data/c");
    }

    private LaunchFacts found() {
        return new LaunchFacts(
                LaunchFacts.Sources.DIRECTORIES, List.of(), List.of(), BlockLimits.NONE, shared, "/proc/7/fd/8");
    }

    private LaunchPlan plan(TestSpecs spec) {
        var config = SupervisorConfig.of(PlanFixture.ID, "/run/s.sock", "/data/c/exit");
        return OciPlan.create(launch(spec), facts, config, found(), FILES);
    }

    private String start(TestSpecs spec) {
        return OciPlan.start(spec.build(), plan(spec).create(), RUNC).print();
    }

    private JsonNode config(TestSpecs spec) {
        Launch launch = launch(spec);
        Map<String, Object> config =
                OciConfig.of(launch, facts, found(), FILES, Optional.of(Map.of("defaultAction", "X")));
        return Json.mapper()
                .readTree(Json.bytes(
                        OciConfig.as(config, launch.spec(), new Identity(1000, 50, List.of(50, 10), "/home/app"))));
    }

    @Test
    void theSupervisorAdoptsAndTheRunnerStaysOutOfTheContainersCgroup() {
        String hybrid = plan(new TestSpecs("true")).create().print();
        assertThat(hybrid)
                .contains("prctl(PR_SET_CHILD_SUBREAPER, 1)")
                .startsWith("clone3 CLONE_NEWNS into cgroup cgroup\n")
                .contains("cgroup = openat(AT_FDCWD, \"/cg/unified/longshore/" + PlanFixture.ID + "\"")
                .doesNotContain("/cg/memory/longshore/" + PlanFixture.ID)
                .contains("mount(\"overlay\", \"/data/mnt\"")
                .doesNotContain("pivot_root");
        facts = PlanFixture.UNIFIED;
        assertThat(plan(new TestSpecs("true")).create().print())
                .startsWith("clone3 CLONE_NEWNS\n")
                .doesNotContain("/cg/longshore/" + PlanFixture.ID);
    }

    @Test
    void createHandOverStart() {
        String text = start(new TestSpecs("true"));
        assertThat(text.indexOf("# runtime create")).isLessThan(text.indexOf("hand_over(\"/run/a/ID.bundle/pid\")"));
        assertThat(text.indexOf("hand_over")).isLessThan(text.indexOf("# runtime start"));
        assertThat(text).contains("exit_group(0)").doesNotContain("console");
        assertThat(RUNC.delete(PlanFixture.ID))
                .startsWith("/usr/sbin/runc", "--debug", "--root", "/run/a/ID.bundle/state")
                .endsWith("delete", "--force", PlanFixture.ID);
    }

    @Test
    void aTerminalComesByTheConsoleSocket() {
        var spec = new TestSpecs("sh");
        spec.tty = true;
        String text = start(spec);
        assertThat(text.indexOf("listen(console")).isLessThan(text.indexOf("# runtime create"));
        assertThat(text.indexOf("pass_terminal(console"))
                .isBetween(text.indexOf("# runtime create"), text.indexOf("hand_over"));
        assertThat(config(spec).at("/process/terminal").asBoolean()).isTrue();
    }

    @Test
    void whoItIsAndWhatItMay() {
        var spec = new TestSpecs("sh", "-c", "x");
        spec.limits = List.of(new Limit("nofile", 64, -1));
        spec.oomScoreAdjust = 5;
        spec.workingDirectory = "/a/../b";
        JsonNode process = config(spec).path("process");
        assertThat(process.path("user").toString()).isEqualTo("{\"uid\":1000,\"gid\":50,\"additionalGids\":[50,10]}");
        assertThat(process.path("args").toString()).isEqualTo("[\"sh\",\"-c\",\"x\"]");
        assertThat(process.path("env").toString()).contains("\"HOSTNAME=testhost\"", "\"HOME=/home/app\"");
        assertThat(process.path("cwd").asString()).isEqualTo("/b");
        assertThat(process.path("rlimits").toString())
                .isEqualTo("[{\"type\":\"RLIMIT_NOFILE\",\"hard\":18446744073709551615,\"soft\":64}]");
        assertThat(process.path("capabilities").path("bounding")).hasSize(14);
        assertThat(process.path("capabilities").has("inheritable")).isFalse();
        assertThat(process.path("oomScoreAdj").asInt()).isEqualTo(5);
        spec.limits = List.of(new Limit("nosuch", 1, 1));
        assertThatThrownBy(() -> config(spec))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("nosuch");
    }

    @Test
    void theRuntimeIsNotShownToAnotherContainer() {
        var spec = new TestSpecs("true");
        spec.namespaces =
                new Namespaces(Namespace.PRIVATE, new Namespace(Namespace.From.CONTAINER, spec.id), Namespace.PRIVATE);
        shared = new LaunchFacts.Shared(
                LaunchFacts.Joined.NOTHING, new LaunchFacts.Joined("/proc/7/fd/3", "/proc/7/fd/4"));
        assertThatThrownBy(() -> plan(spec))
                .isInstanceOf(Failure.NotImplemented.class)
                .hasMessageContaining("--pid container:NAME is not available with --runtime");
    }

    @Test
    void namespacesAreMadeJoinedOrLeft() {
        var spec = new TestSpecs("true");
        assertThat(config(spec).at("/linux/namespaces").findValuesAsString("type"))
                .containsExactly("mount", "pid", "ipc", "uts", "network");
        spec.namespaces = new Namespaces(
                new Namespace(Namespace.From.CONTAINER, spec.id),
                new Namespace(Namespace.From.HOST, null),
                new Namespace(Namespace.From.HOST, null));
        shared = new LaunchFacts.Shared(
                new LaunchFacts.Joined("/proc/7/fd/3", "/proc/7/fd/4"), LaunchFacts.Joined.NOTHING);
        sandbox = new Sandbox.Namespace("/run/netns/x");
        spec.cgroupNamespace = "private";
        JsonNode config = config(spec);
        assertThat(config.at("/linux/namespaces").toString())
                .isEqualTo(
                        "[{\"type\":\"mount\"},{\"type\":\"cgroup\"},{\"type\":\"network\",\"path\":\"/run/netns/x\"}]");
        assertThat(config.has("hostname")).isFalse();
        assertThat(config.path("mounts").toString()).contains("\"source\":\"/run/a/ID.bundle/shm\"");
        assertThat(plan(spec).create().print()).contains("/proc/7/fd/3", "\"/run/a/ID.bundle/shm\"");
        sandbox = new Sandbox.Host();
        assertThat(config(spec).at("/linux/namespaces").findValuesAsString("type"))
                .doesNotContain("network");
        assertThat(config(spec).at("/linux/sysctl").toString()).isEqualTo("{}");
    }

    @Test
    void wallsFallForThePrivileged() {
        var spec = new TestSpecs("true");
        JsonNode linux = config(spec).path("linux");
        List<String> masked = new ArrayList<>(TestSpecs.MASKED);
        masked.add("/sys/devices/system/cpu/cpu0/thermal_throttle");
        assertThat(linux.path("maskedPaths").valueStream().map(JsonNode::asString))
                .containsExactlyElementsOf(masked);
        assertThat(linux.at("/resources/devices/0").toString()).isEqualTo("{\"allow\":false,\"access\":\"rwm\"}");
        assertThat(linux.at("/resources/devices")).hasSizeGreaterThan(10);
        assertThat(linux.path("cgroupsPath").asString()).isEqualTo("/longshore/" + PlanFixture.ID);
        spec.privileged = true;
        linux = config(spec).path("linux");
        assertThat(linux.path("maskedPaths")).isEmpty();
        assertThat(linux.path("readonlyPaths")).isEmpty();
        assertThat(linux.at("/resources/devices").toString()).isEqualTo("[{\"allow\":true,\"access\":\"rwm\"}]");
        assertThat(linux.path("devices").findValuesAsString("path")).contains("/dev/kvm");
    }

    @Test
    void ownMountsTakeThePlaceOfTheSystems() {
        var spec = new TestSpecs("true");
        spec.mounts.add(new Mount(Mount.Kind.VOLUME, "v", "/v", true, List.of(), false));
        spec.mounts.add(new Mount(Mount.Kind.BIND, "/host/dev", "/dev", false, List.of(), false));
        spec.mounts.add(new Mount(Mount.Kind.BIND, "/host/hosts", "/etc/hosts", false, List.of(), false));
        List<String> at = config(spec).path("mounts").findValuesAsString("destination");
        assertThat(at)
                .containsExactly(
                        "/proc",
                        "/sys",
                        "/sys/fs/cgroup",
                        "/v",
                        "/dev",
                        "/etc/hosts",
                        "/etc/resolv.conf",
                        "/etc/hostname");
        assertThat(config(spec).at("/mounts/3").toString())
                .contains("\"source\":\"/data/volumes/v/_data\"", "[\"rbind\",\"rprivate\",\"ro\",\"rro\"]");
        spec.mounts.add(new Mount(Mount.Kind.TMPFS, "", "/t", false, List.of("nosuch=1"), false));
        assertThatThrownBy(() -> config(spec))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("nosuch");
    }

    @Test
    void whatARuntimeCannotMakeFromItsSourceIsMountedForIt() {
        TestSpecs spec = new TestSpecs("true");
        spec.mounts = List.of(
                new Mount(
                        Mount.Kind.BIND,
                        "/host",
                        "/b",
                        true,
                        List.of(),
                        false,
                        "",
                        VolumeUse.WHOLE,
                        new BindUse("rshared", true, false, true)),
                new Mount(
                        Mount.Kind.VOLUME,
                        "v",
                        "/v",
                        false,
                        List.of(),
                        false,
                        "",
                        new VolumeUse("local", "part"),
                        BindUse.PLAIN));
        assertThat(plan(spec).print())
                .contains("move_mount(mount0, \"\", AT_FDCWD, \"/run/a/ID.bundle/mounts/0\"")
                .contains("move_mount(mount, \"\", AT_FDCWD, \"/run/a/ID.bundle/mounts/1\"");
        assertThat(OciPlan.staged(launch(spec), found(), FILES))
                .isEqualTo(Map.of("/run/a/ID.bundle/mounts/0", true, "/run/a/ID.bundle/mounts/1", true));
        JsonNode config = config(spec);
        assertThat(config.at("/linux/rootfsPropagation").asString()).isEqualTo("shared");
        JsonNode bind = config.path("mounts")
                .valueStream()
                .filter(mount -> mount.path("destination").asString().equals("/b"))
                .findFirst()
                .orElseThrow();
        assertThat(bind.path("source").asString()).isEqualTo("/run/a/ID.bundle/mounts/0");
        assertThat(bind.path("options").toString()).isEqualTo("[\"rbind\",\"rshared\",\"ro\"]");
    }
}
