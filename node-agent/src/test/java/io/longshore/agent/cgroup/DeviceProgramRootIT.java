package io.longshore.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.contracts.error.Failure;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The kernel runs the device program in its version 2 hierarchy. On a hybrid machine too: this door is built with that
 * hierarchy alone, as a machine of version 2 has it.
 */
class DeviceProgramRootIT {
    private static final CgroupPath ROOT = new CgroupPath("/longshore-devices-test");
    private static final CgroupPath CONTAINER = new CgroupPath(ROOT + "/container");
    private static final CgroupLimits DEFAULT =
            new CgroupLimits(CgroupLimits.none().resources(), DeviceRule.DOCKER_DEFAULT);
    private static final String DENIED = "Operation not permitted";

    @TempDir
    private Path nodes;

    private final JnaSyscalls syscalls = new JnaSyscalls();
    private Hierarchy unified;
    private Cgroups cgroups;

    @BeforeEach
    void setUp() {
        unified = Cgroups.detect(syscalls, ROOT).hierarchies().stream()
                .filter(Hierarchy::unified)
                // Without its controllers: the devices are the point, and enabling some would change the machine.
                .map(each -> new Hierarchy(each.mountPoint(), true, Set.of()))
                .findFirst()
                .orElseThrow();
        cgroups = new Cgroups(List.of(unified), ROOT, syscalls);
    }

    @AfterEach
    void nothingIsLeft() {
        cgroups.kill(ROOT);
        cgroups.remove(ROOT);
        assertThat(unified.directory(ROOT)).doesNotExist();
    }

    @Test
    void aContainerUsesWhatDockerLetsItUseAndMayMakeAnyNode() throws Exception {
        cgroups.create(CONTAINER, DEFAULT);

        assertThat(inside(CONTAINER, "exec 3<>/dev/null && echo x >&3")).isEmpty();
        assertThat(inside(CONTAINER, "exec 3<>/dev/zero && head -c 1 <&3 >&3")).isEmpty();
        assertThat(inside(CONTAINER, "head -c 1 /dev/urandom > /dev/null")).isEmpty();
        assertThat(inside(CONTAINER, "mknod null c 1 3 && exec 3<>null")).isEmpty();
        assertThat(inside(CONTAINER, "mknod disk b 8 0")).isEmpty();
        assertThat(inside(CONTAINER, "exec 3<disk")).contains(DENIED);
        assertThat(inside(CONTAINER, "exec 3>disk")).contains(DENIED);
        assertThat(inside(CONTAINER, "mknod kmsg c 1 11")).isEmpty();
        assertThat(inside(CONTAINER, "exec 3<kmsg")).contains(DENIED);
        assertThat(inside(CONTAINER, "exec 3</dev/kmsg")).contains(DENIED);
        assertThat(inside(CONTAINER, "mknod mem c 1 1 && exec 3<mem")).contains(DENIED);
    }

    @Test
    void withoutRulesAndOutsideOfItNothingIsDenied() throws Exception {
        cgroups.create(CONTAINER, DEFAULT);
        var privileged = new CgroupPath(ROOT + "/privileged");
        cgroups.create(privileged, CgroupLimits.none());
        for (CgroupPath free : List.of(ROOT, privileged)) {
            assertThat(inside(free, "exec 3</dev/kmsg")).isEmpty();
            assertThat(inside(free, "exec 3</dev/null")).isEmpty();
        }
    }

    @Test
    void aCgroupThatTheContainerMakesIsNoWayOut() throws Exception {
        cgroups.create(CONTAINER, DEFAULT);
        var below = new CgroupPath(CONTAINER + "/below");
        cgroups.ensure(below);
        assertThat(inside(below, "exec 3</dev/kmsg")).contains(DENIED);
        // Nor are rules of its own there, of which the kernel asks besides those above.
        cgroups.create(
                below,
                new CgroupLimits(
                        DEFAULT.resources(), List.of(new DeviceRule('c', DeviceRule.ANY, DeviceRule.ANY, "rwm"))));
        assertThat(inside(below, "exec 3</dev/kmsg")).contains(DENIED);
        assertThat(inside(below, "exec 3</dev/null")).isEmpty();
    }

    @Test
    void aCgroupThatIsMadeAnewHasTheNewRules() throws Exception {
        cgroups.create(CONTAINER, DEFAULT);
        cgroups.create(CONTAINER, CgroupLimits.none());
        assertThat(inside(CONTAINER, "exec 3</dev/kmsg")).isEmpty();
    }

    @Test
    void theLongestProgramIsTaken() throws Exception {
        var rules = new ArrayList<>(Collections.nCopies(DeviceProgram.MOST_RULES - 1, new DeviceRule('b', 8, 1, "r")));
        rules.add(new DeviceRule('c', 1, 3, "rw"));
        cgroups.create(CONTAINER, new CgroupLimits(DEFAULT.resources(), rules));
        assertThat(inside(CONTAINER, "exec 3<>/dev/null")).isEmpty();
        assertThat(inside(CONTAINER, "exec 3<>/dev/zero")).contains(DENIED);
    }

    @Test
    void tooManyRulesAreRefusedAndNothingIsLeft() {
        var many = Collections.nCopies(DeviceProgram.MOST_RULES + 1, new DeviceRule('b', 8, 1, "r"));
        assertThatThrownBy(() -> cgroups.create(CONTAINER, new CgroupLimits(DEFAULT.resources(), many)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("too many device rules (512)");
        assertThat(unified.directory(CONTAINER)).doesNotExist();
    }

    /** A plain directory stands for a hierarchy to which nothing can be attached. */
    @Test
    void whatTheKernelDoesNotAttachIsAFailureAndNothingIsLeft() {
        var plain = new Cgroups(List.of(new Hierarchy(nodes, true, Set.of())), ROOT, syscalls);
        assertThatThrownBy(() -> plain.create(ROOT, DEFAULT))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageContaining("cannot restrict the devices of cgroup " + ROOT + ": bpf BPF_PROG_ATTACH")
                .hasMessageContaining("EBADF");
        assertThat(nodes).isEmptyDirectory();
    }

    @Test
    void aMachineThatCannotHoldTheRulesIsAFailure() {
        var without = new Cgroups(List.of(new Hierarchy(nodes, false, Set.of("pids"))), ROOT, syscalls);
        assertThatThrownBy(() -> without.create(ROOT, DEFAULT))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageContaining("neither the devices controller nor a version 2 hierarchy is mounted");
        assertThat(nodes).isEmptyDirectory();
    }

    @Test
    void aBadProgramIsRefusedWithTheVerifiersReason() {
        byte[] exitWithoutAnAnswer = {(byte) 0x95, 0, 0, 0, 0, 0, 0, 0};
        assertThatThrownBy(() -> syscalls.loadDeviceProgram(exitWithoutAnAnswer))
                .isInstanceOf(ErrnoException.class)
                .hasMessageContaining("bpf BPF_PROG_LOAD of 1 instructions (verifier: ")
                .hasMessageContaining("R0 !read_ok")
                .hasMessageContaining("EACCES");
    }

    /** What a shell in that cgroup says when it runs the script in the directory of nodes; nothing if all went well. */
    private String inside(CgroupPath cgroup, String script) throws Exception {
        Path output = nodes.resolve("output");
        // The shell joins first; its output is a file, so that /dev/null is used only where the script does.
        Process shell = new ProcessBuilder(
                        "/bin/sh",
                        "-c",
                        "echo $$ > " + unified.joining(cgroup) + " && " + script + " || echo failed >&2")
                .directory(nodes.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(shell.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return Files.readString(output, StandardCharsets.UTF_8);
    }
}
