package io.longshore.agent.execdriver.libcontainer.plan;

import io.longshore.agent.account.Identity;
import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.cgroup.BlockLimits;
import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.DeviceRule;
import io.longshore.agent.cgroup.Hierarchy;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.agent.stage.StageProgram;
import io.longshore.agent.stage.SupervisorConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compiles launches on an imagined node. */
class PlanFixture {
    static final String ID = "ab".repeat(32);
    static final HostFacts HYBRID = new HostFacts(
            List.of(
                    new Hierarchy(Path.of("/cg/memory"), false, Set.of("memory")),
                    new Hierarchy(Path.of("/cg/cpu,cpuacct"), false, Set.of("cpu", "cpuacct")),
                    new Hierarchy(Path.of("/cg/unified"), true, Set.of())),
            CgroupPath.LONGSHORE,
            (1L << 41) - 1,
            40,
            List.of(new HostFacts.DeviceNode("/dev/kvm", 0x2000 | 0660, 0xae8, 0, 0)),
            AppArmor.NONE,
            true,
            List.of("/sys/devices/system/cpu/cpu0/thermal_throttle"));
    static final HostFacts UNIFIED = new HostFacts(
            List.of(new Hierarchy(Path.of("/cg"), true, Set.of("memory", "cpu"))),
            CgroupPath.LONGSHORE,
            (1L << 41) - 1,
            40,
            List.of(),
            new AppArmor(true, ""),
            false,
            List.of());

    HostFacts facts = HYBRID;
    RootFs root = new RootFs.Directory("/data/root");
    Sandbox sandbox = new Sandbox.Private();
    Map<String, String> volumes = new HashMap<>();
    Set<String> files = Set.of();
    Set<String> ofHost = Set.of();
    List<HostFacts.DeviceNode> devices = List.of();
    LaunchFacts.Shared shared = LaunchFacts.Shared.NOTHING;

    LaunchPlan plan(TestSpecs spec) {
        spec.id = io.longshore.contracts.id.ContainerId.parse(ID);
        return LaunchPlan.of(
                new Launch(spec.build(), root, volumes, sandbox, "/data/c"),
                facts,
                SupervisorConfig.of(ID, "/run/s.sock", "/data/c/exit"),
                new LaunchFacts(
                        new LaunchFacts.Sources(files, ofHost),
                        devices,
                        List.of(new DeviceRule('c', 10, 229, "r")),
                        BlockLimits.NONE,
                        shared,
                        "/proc/7/fd/8"));
    }

    /** The program as text, without the numbers of its calls. */
    String print(TestSpecs spec) {
        return plain(plan(spec).create().print());
    }

    String start(TestSpecs spec, Identity who, byte[] filter) {
        StageProgram created = plan(spec).create();
        return plain(StartPlan.of(spec.build(), facts, created, who, filter).print());
    }

    private static String plain(String text) {
        return text.replaceAll("(?m)^(\\w+) \\d+: ", "$1 ");
    }
}
