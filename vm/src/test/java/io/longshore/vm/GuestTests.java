package io.longshore.vm;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Which of the agent's tests run in the machine, and for how long at most. */
enum GuestTests {
    /** What `./longshore test` has time for: each thing that cgroup v2 does in another way than version 1. */
    SOME(8),
    /** What the soak has time for. */
    ALL(30);

    private static final List<String> QUICK = List.of(
            "cgroup.DeviceProgramRootIT",
            "execdriver.libcontainer.CgroupRootIT",
            "execdriver.libcontainer.CgroupVmIT",
            "execdriver.libcontainer.AppArmorVmIT",
            "node.NodeVmIT",
            "execdriver.libcontainer.LibcontainerSessionsRootIT",
            "execdriver.libcontainer.LibcontainerExecDriverRootIT");

    private static final List<String> LONG = List.of(
            "execdriver.libcontainer.SandboxRootIT",
            "execdriver.libcontainer.HostileRootIT",
            "execdriver.libcontainer.LostSupervisorRootIT",
            "linux.path.ContainerRootRootIT",
            "graphdriver.overlay2.Overlay2OwnLayerRootIT",
            "graphdriver.overlay2.Overlay2GraphDriverRootIT",
            "stage.supervisor.StageRootIT",
            "stage.supervisor.SupervisorRootIT");

    private final int minutes;

    GuestTests(int minutes) {
        this.minutes = minutes;
    }

    Duration deadline() {
        return Duration.ofMinutes(minutes);
    }

    /** Names of classes. */
    List<String> classes() {
        return Stream.concat(QUICK.stream(), this == ALL ? LONG.stream() : Stream.empty())
                .map(name -> "io.longshore.agent." + name)
                .toList();
    }
}
