package io.longshore.agent.execdriver.libcontainer.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.account.Identity;
import io.longshore.agent.execdriver.CommandNotExecutable;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.contracts.agent.ContainerSpec.Limit;
import io.longshore.contracts.error.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartPlanTest extends PlanFixture {
    private static final Identity ROOT = new Identity(0, 0, List.of(0), "/root");

    @Test
    void privilegesGoBeforeTheProgramComes() {
        TestSpecs spec = new TestSpecs("/bin/sh");
        spec.noNewPrivileges = true;
        spec.limits = List.of(new Limit("nofile", 64, 128));
        String program = start(spec, new Identity(1000, 100, List.of(100, 5), "/home/x"), new byte[16]);
        assertThat(program.lines().filter(line -> !line.contains("PR_CAPBSET_DROP")))
                .containsExactly(
                        "start prlimit64(0, RLIMIT_NOFILE, {16 bytes}, 0) # set ulimit nofile=64:128",
                        "start fchown(1, 1000, -1) # give the streams to user 1000",
                        "start fchown(2, 1000, -1) # give the streams to user 1000",
                        "start fchdir(cwd) # working directory /",
                        "start setgroups(2, {8 bytes}) # set groups",
                        "start setresgid(100, 100, 100) # set group 100",
                        "start prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) # set no_new_privs",
                        "start seccomp(SECCOMP_SET_MODE_FILTER, 0, {struct of 16}) # install the seccomp filter",
                        "start setresuid(1000, 1000, 1000) # set user 1000",
                        "start capset({8 bytes}, {24 bytes}) # set capabilities",
                        "start execve(\"/bin/sh\", [\"/bin/sh\"], [\"PATH=" + Environment.DEFAULT_PATH
                                + "\", \"HOSTNAME=testhost\", \"HOME=/home/x\"])");
    }

    @Test
    void allButTheContainersCapabilitiesAreDropped() {
        String program = start(new TestSpecs("true"), ROOT, new byte[0]);
        assertThat(program.lines().filter(line -> line.contains("PR_CAPBSET_DROP")))
                .hasSize(41 - 14)
                .contains("start prctl(PR_CAPBSET_DROP, 21, 0, 0, 0) # drop capability 21")
                .contains("start prctl(PR_CAPBSET_DROP, 40, 0, 0, 0) # drop capability 40");
        assertThat(program).doesNotContain("seccomp(").doesNotContain("fchown(");
    }

    @Test
    void aNameIsSearchedOnThePath() {
        TestSpecs spec = new TestSpecs("tool");
        spec.environment = List.of("PATH=/a::/b:/a");
        assertThat(start(spec, ROOT, new byte[0]).lines().filter(line -> line.contains("execve")))
                .allMatch(line -> line.endsWith("tolerates ENOENT, EACCES"))
                .extracting(line -> line.substring("start execve(".length(), line.indexOf(',')))
                .containsExactly("\"/a/tool\"", "\"./tool\"", "\"/b/tool\"");
    }

    @Test
    void anInitRunsTheCommandFromADescriptor() {
        TestSpecs spec = new TestSpecs("tool", "--", "x");
        spec.init = true;
        assertThat(print(spec))
                .contains("child init = openat(AT_FDCWD, \"/proc/7/fd/8\", O_CLOEXEC, 0) # open the init");
        assertThat(start(spec, ROOT, new byte[0]).lines().filter(line -> line.contains("exec")))
                .containsExactly(
                        "start execveat(init, \"\", [\"/sbin/docker-init\", \"--\", \"tool\", \"--\", \"x\"], [\"PATH="
                                + Environment.DEFAULT_PATH
                                + "\", \"HOSTNAME=testhost\", \"HOME=/root\"], AT_EMPTY_PATH) # execute the init");
    }

    @Test
    void environmentIsDockers() {
        TestSpecs spec = new TestSpecs("true");
        spec.tty = true;
        spec.environment = List.of("A=1", "PATH=/x", "HOME=", "A=2", "EMPTY=", "novalue");
        assertThat(Environment.of(spec.build(), "/home/u"))
                .containsExactly("PATH=/x", "HOSTNAME=testhost", "TERM=xterm", "A=2", "EMPTY=", "HOME=/home/u");
    }

    @Test
    void capabilitiesOfTheNode() {
        long node = HYBRID.capabilities() & ~(1L << 24);
        assertThat(Capabilities.mask(TestSpecs.DOCKER_CAPABILITIES, node)).isEqualTo(0xa80425fbL);
        assertThat(Capabilities.mask(Capabilities.names(-1L), node)).isEqualTo(node);
        assertThat(Capabilities.mask(List.of("CAP_SYS_RESOURCE", "CAP_CHOWN"), node))
                .as("what the node lacks is left out")
                .isEqualTo(1);
        assertThatThrownBy(() -> Capabilities.mask(List.of("CAP_FLY"), node)).hasMessageContaining("CAP_FLY");
    }

    @Test
    void hostileFields() {
        TestSpecs spec = new TestSpecs("true");
        spec.limits = List.of(new Limit("x".repeat(100_000), 1, 1));
        assertThatThrownBy(() -> start(spec, ROOT, new byte[0])).isInstanceOf(Failure.Invalid.class);
        assertThatThrownBy(() -> start(new TestSpecs("true", "x".repeat(3_000_000)), ROOT, new byte[0]))
                .isInstanceOf(CommandNotExecutable.class);
    }
}
