package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** {@code --security-opt}: seccomp profiles, no-new-privileges, systempaths, and what needs a kernel that has it. */
class SecurityOptCliRootIT extends CliCases {
    private static final String RUN = "run --rm --network none ";
    private static final String NO_DIRECTORIES = """
            {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["mkdir", "mkdirat", "no_such_call"], "action": "SCMP_ACT_ERRNO"}]}""";

    @Test
    void aProfileDenies() throws IOException {
        write("deny.json", Docker.bytes(NO_DIRECTORIES));
        docker.ok(
                        RUN
                                + "--security-opt seccomp=deny.json busybox sh -c 'mkdir /x || echo refused; grep Seccomp: /proc/self/status'")
                .prints("refused\nSeccomp:\t2\n")
                .says("Operation not permitted");
    }

    @Test
    void aProfileKills() throws IOException {
        write("kill.json", Docker.bytes(NO_DIRECTORIES.replace("SCMP_ACT_ERRNO", "SCMP_ACT_KILL")));
        docker.ok(RUN + "--security-opt seccomp=kill.json busybox sh -c 'mkdir /x; echo $?'")
                .prints("159\n");
    }

    @Test
    void aProfileDependsOnArguments() throws IOException {
        write("chmod.json", Docker.bytes("""
                {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
                 "syscalls": [{"names": ["chmod"], "action": "SCMP_ACT_ERRNO",
                               "args": [{"index": 1, "value": 2048, "valueTwo": 2048, "op": "SCMP_CMP_MASKED_EQ"}]}]}"""));
        docker.ok(
                        RUN
                                + "--security-opt seccomp=chmod.json busybox sh -c 'touch /x; chmod 755 /x && echo plain; chmod 4755 /x || echo not setuid'")
                .prints("plain\nnot setuid\n");
    }

    @Test
    void aProfileDependsOnCapabilities() throws IOException {
        write("names.json", Docker.bytes("""
                {"defaultAction": "SCMP_ACT_ALLOW",
                 "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "excludes": {"caps": ["CAP_NET_ADMIN"]}}]}"""));
        docker.ok(RUN + "--security-opt seccomp=names.json busybox sh -c 'mkdir /x || echo refused'")
                .prints("refused\n");
        docker.ok(RUN + "--cap-add NET_ADMIN --security-opt seccomp=names.json busybox sh -c 'mkdir /x && echo made'")
                .prints("made\n");
    }

    @Test
    void aProfileThatAllowsNothingElseLetsNothingStart() throws IOException {
        write("nothing.json", Docker.bytes("{\"defaultAction\": \"SCMP_ACT_ERRNO\"}"));
        // Not even its own failure can be told by a process that may make no call: how it is told differs.
        Outcome outcome = docker.probe(RUN + "--security-opt seccomp=nothing.json busybox true");
        assertThat(outcome.code()).as("exit code of %s", outcome).isNotZero();
        docker.ok("ps -aq").prints("");
    }

    @Test
    void aProfileThatCannotBeReadIsRefused() throws IOException {
        write("wrong.json", Docker.bytes("{\"defaultAction\": \"SCMP_ACT_PERHAPS\"}"));
        docker.run(RUN + "--security-opt seccomp=wrong.json busybox true")
                .exits(125)
                .says("SCMP_ACT_PERHAPS");
        docker.run(RUN + "--security-opt seccomp=nosuch.json busybox true")
                .exits(125)
                .says("opening seccomp profile");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void withoutAFilter() {
        docker.ok(RUN + "--security-opt seccomp=unconfined busybox grep Seccomp: /proc/self/status")
                .prints("Seccomp:\t0\n");
    }

    @Test
    void withoutNewPrivileges() {
        docker.ok(RUN + "--security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status")
                .prints("NoNewPrivs:\t1\n");
        docker.ok(RUN + "--security-opt no-new-privileges:false busybox grep NoNewPrivs /proc/self/status")
                .prints("NoNewPrivs:\t0\n");
    }

    @Test
    void systemPathsCanBeShown() {
        docker.ok(RUN + "busybox sh -c 'grep -c \" /proc/\" /proc/mounts | grep -v \"^0\" > /dev/null && echo walls'")
                .prints("walls\n");
        docker.ok(
                        RUN
                                + "--security-opt systempaths=unconfined busybox sh -c 'grep -c \" /proc/\" /proc/mounts || true'")
                .prints("0\n");
    }

    @Test
    void nothingOfWhatTheKernelLacksIsAskedFor() {
        docker.ok(RUN + "--security-opt apparmor=unconfined --security-opt label=disable busybox echo runs")
                .prints("runs\n");
    }

    @Test
    @LongshoreOnly("Docker Engine ignores what the kernel lacks")
    void whatTheKernelLacksIsRefused() {
        docker.run(RUN + "--security-opt apparmor=mine busybox true")
                .exits(125)
                .says("apparmor=mine", "AppArmor is not available");
        docker.run(RUN + "--security-opt label=type:mine_t busybox true")
                .exits(125)
                .says("SELinux is not available");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void anUnknownOptionIsRefused() {
        docker.run(RUN + "--security-opt magic busybox true").exits(125).says("nvalid --security-opt", "magic");
    }
}
