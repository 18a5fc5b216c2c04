package io.longshore.agent.execdriver.libcontainer.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.account.Identity;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.contracts.agent.ContainerSpec.Namespace;
import io.longshore.contracts.agent.ContainerSpec.Namespaces;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Namespaces that are shared, and kernel parameters. */
class SharingPlanTest extends PlanFixture {
    private static final Namespace HOST = new Namespace(Namespace.From.HOST, null);
    private static final Namespace OTHER = new Namespace(Namespace.From.CONTAINER, ContainerId.parse("cd".repeat(32)));

    private static TestSpecs with(Namespace ipc, Namespace pid, Namespace uts) {
        TestSpecs spec = new TestSpecs("true");
        spec.namespaces = new Namespaces(ipc, pid, uts);
        return spec;
    }

    @Test
    void theNodesNamespacesAreNotMade() {
        assertThat(print(with(HOST, HOST, HOST)))
                .startsWith("clone3 CLONE_NEWNS|CLONE_NEWNET into")
                .doesNotContain("sethostname(")
                .contains("child mount = open_tree(AT_FDCWD, \"/dev/shm\", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)")
                .doesNotContain("tmpfs option mode=1777");
    }

    @Test
    void withoutSharedMemory() {
        String program = print(with(new Namespace(Namespace.From.NONE, null), Namespace.PRIVATE, Namespace.PRIVATE));
        assertThat(program).contains("CLONE_NEWIPC").contains("/dev/mqueue").doesNotContain("/dev/shm");
    }

    @Test
    void anotherContainersIpcIsJoinedBeforeAnythingIsMounted() {
        shared = new LaunchFacts.Shared(
                new LaunchFacts.Joined("/proc/7/fd/9", "/proc/7/fd/10"), LaunchFacts.Joined.NOTHING);
        String program = print(with(OTHER, Namespace.PRIVATE, Namespace.PRIVATE));
        String why = " # join the IPC of container " + "cd".repeat(32);
        assertThat(program)
                .doesNotContain("CLONE_NEWIPC|")
                .contains("child own = openat(AT_FDCWD, \"/proc/self/ns/mnt\", O_CLOEXEC, 0)" + why
                        + "\nchild file = openat(AT_FDCWD, \"/proc/7/fd/9\", O_CLOEXEC, 0)" + why
                        + "\nchild setns(file, CLONE_NEWIPC)" + why)
                .contains("child setns(file, CLONE_NEWNS)" + why
                        + "\nchild close(file)"
                        + "\nchild file = openat2(AT_FDCWD, \"/dev/shm\", {24 bytes}, 24)" + why
                        + "\nchild shm = open_tree(file, \"\", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH)" + why
                        + "\nchild close(file)"
                        + "\nchild setns(own, CLONE_NEWNS)" + why)
                .contains("child move_mount(shm, \"\", dev, \"shm\"");
        assertThat(program.indexOf("setns(own")).isLessThan(program.indexOf("make all mounts private"));
        shared = LaunchFacts.Shared.NOTHING;
        assertThatThrownBy(() -> plan(with(OTHER, Namespace.PRIVATE, Namespace.PRIVATE)))
                .isInstanceOf(Failure.Conflict.class);
    }

    /** What is in sight of the other's processes has nothing of the agent's left: the process is made last. */
    @Test
    void anotherContainersProcessesAreJoinedByAChild() {
        shared = new LaunchFacts.Shared(
                LaunchFacts.Joined.NOTHING, new LaunchFacts.Joined("/proc/7/fd/9", "/proc/7/fd/10"));
        TestSpecs spec = with(Namespace.PRIVATE, OTHER, Namespace.PRIVATE);
        String program = print(spec);
        String why = " # join the processes of container " + "cd".repeat(32);
        assertThat(program)
                .doesNotContain("CLONE_NEWPID|")
                .doesNotContain("setsid")
                .doesNotContain("fsopen(\"proc\"")
                .contains("child setns(file, CLONE_NEWPID)" + why)
                .contains("child file = openat2(AT_FDCWD, \"/proc\", {24 bytes}, 24)" + why)
                .contains("child move_mount(proc, \"\", target, \"\"");
        assertThat(program.indexOf("fchdir(cwd)")).isGreaterThan(program.indexOf("pivot_root("));
        String start = start(spec, new Identity(0, 0, List.of(0), "/root"), new byte[0]);
        assertThat(start.indexOf("fork()")).isGreaterThan(start.indexOf("capset("));
        assertThat(start.indexOf("setsid(")).isGreaterThan(start.indexOf("fork()"));
        assertThat(start).doesNotContain("fchdir");
        shared = LaunchFacts.Shared.NOTHING;
        assertThatThrownBy(() -> plan(spec)).isInstanceOf(Failure.Conflict.class);
    }

    @Test
    void kernelParametersAreSetInItsNamespaces() {
        TestSpecs spec = new TestSpecs("true");
        spec.sysctls = Map.of("net.ipv4.ip_forward", "1", "kernel.msgmax", "4096");
        assertThat(print(spec))
                .contains(
                        "child file = openat(AT_FDCWD, \"/proc/sys/kernel/msgmax\", O_WRONLY|O_CLOEXEC, 0) else skip 2"
                                + " # set sysctl kernel.msgmax=4096")
                .contains("\"/proc/sys/net/ipv4/ip_forward\"");
    }

    @Test
    void noParameterOfTheNodeIsEverSet() {
        for (String name : new String[] {
            "kernel.panic",
            "kernel.core_pattern",
            "net/../kernel/panic",
            "net",
            "",
            "a\0b",
            "vm.swappiness",
            "x".repeat(100_000)
        }) {
            TestSpecs spec = new TestSpecs("true");
            spec.sysctls = Map.of(name, "1");
            assertThatThrownBy(() -> plan(spec))
                    .as(name.substring(0, Math.min(20, name.length())))
                    .isInstanceOf(Failure.Invalid.class)
                    .satisfies(e -> assertThat(((Failure) e).text().length()).isLessThan(1000));
        }
        TestSpecs spec = with(HOST, Namespace.PRIVATE, HOST);
        spec.sysctls = Map.of("kernel.msgmax", "1");
        assertThatThrownBy(() -> plan(spec)).hasMessageContaining("not allowed in the hosts ipc namespace");
        spec.sysctls = Map.of("kernel.domainname", "x");
        assertThatThrownBy(() -> plan(spec)).hasMessageContaining("not in a separate kernel namespace");
        sandbox = new Sandbox.Host();
        spec.sysctls = Map.of("net.core.somaxconn", "1");
        assertThatThrownBy(() -> plan(spec)).hasMessageContaining("not allowed in host network namespace");
        Map<String, String> many = new HashMap<>();
        Collections.nCopies(300, "net.ipv4.x").forEach(name -> many.put(name + many.size(), "1"));
        spec.sysctls = many;
        assertThatThrownBy(() -> plan(spec)).hasMessageContaining("at most 200 sysctls");
    }
}
