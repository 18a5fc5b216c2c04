package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** {@code docker run}: what the process gets and what comes back. */
@Order(3)
class RunCliRootIT extends CliCases {
    private static final String RUN = "run --rm --network none ";

    @Test
    void printsWhatTheCommandPrints() {
        docker.ok(RUN + "busybox echo hello").prints("hello\n").saysNothing();
        docker.ok("ps -aq").prints("");
    }

    @Test
    void keepsOutputAndErrorsApart() {
        docker.ok(RUN + "busybox sh -c 'echo out; echo err >&2'")
                .prints("out\n")
                .says("err\n");
    }

    @Test
    void givesTheExitCode() {
        docker.run(RUN + "busybox sh -c 'exit 37'").exits(37).prints("");
        docker.run("run --name ended --network none busybox false").exits(1);
        assertThat(docker.value("ended", "{{.State.Status}} {{.State.ExitCode}}"))
                .isEqualTo("exited 1");
    }

    @Test
    void givesTheExitCodeOfASignal() {
        docker.run("run --name signalled --network none busybox sh -c 'sh -c \"kill -9 \\$\\$\"; exit $?'")
                .exits(137);
        docker.ok("inspect --format '{{.State.ExitCode}} {{.State.OOMKilled}}' signalled")
                .prints("137 false\n");
    }

    @Test
    void setsEnvironment() {
        docker.ok(RUN + "--hostname box -e A=1 -e 'B=two words' -e EMPTY= busybox sh -c 'env | sort'")
                .prints("""
                        A=1
                        B=two words
                        EMPTY=
                        HOME=/root
                        HOSTNAME=box
                        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
                        PWD=/
                        SHLVL=1
                        """);
    }

    @Test
    void readsAnEnvironmentFile() throws IOException {
        write("env", Docker.bytes("# comment\nFROM_FILE=yes\n"));
        docker.ok(RUN + "--env-file env busybox sh -c 'echo $FROM_FILE'").prints("yes\n");
    }

    @Test
    void setsTheWorkingDirectoryAndMakesIt() {
        docker.ok(RUN + "-w /tmp busybox pwd").prints("/tmp\n");
        docker.ok(RUN + "-w /made/for/it busybox sh -c 'pwd; ls -ld /made | cut -c1-10'")
                .prints("/made/for/it\ndrwxr-xr-x\n");
    }

    @Test
    void refusesARelativeWorkingDirectory() {
        docker.run(RUN + "-w relative/path busybox pwd")
                .exits(125)
                .says("relative/path", "it needs to be an absolute path");
    }

    @Test
    void setsTheUserByNameWithItsGroups() {
        docker.ok(RUN + "--user daemon busybox id").prints("uid=1(daemon) gid=1(daemon) groups=1(daemon),44(extra)\n");
    }

    @Test
    void setsTheUserByNumber() {
        docker.ok(RUN + "--user 1234:5678 busybox sh -c 'id -u; id -g; echo $HOME'")
                .prints("1234\n5678\n/\n");
        docker.ok(RUN + "--user 1 --group-add 44 --group-add 999 busybox id -G").prints("1 44 999\n");
    }

    @Test
    void refusesAnUnknownUser() {
        docker.run("run --name nobody --network none --user nosuchuser busybox id")
                .exits(125)
                .says("unable to find user nosuchuser");
        assertThat(docker.value("nobody", "{{.State.Status}}")).isEqualTo("created");
    }

    @Test
    void replacesTheEntrypoint() {
        docker.ok(RUN + "--entrypoint echo busybox from entrypoint").prints("from entrypoint\n");
        docker.ok("create --name entry --network none --entrypoint /bin/echo busybox one two");
        docker.ok("inspect --format '{{json .Config.Entrypoint}} {{json .Config.Cmd}} {{.Path}} {{json .Args}}' entry")
                .prints("[\"/bin/echo\"] [\"one\",\"two\"] /bin/echo [\"one\",\"two\"]\n");
    }

    @Test
    void setsTheHostName() {
        docker.ok(RUN + "--hostname dock-7 busybox sh -c 'hostname; cat /etc/hostname'")
                .prints("dock-7\ndock-7\n");
    }

    @Test
    void takesTheShortIdForHostName() {
        String id = docker.ok("run -d --name named --network none busybox sh -c 'hostname; sleep 60'")
                .text();
        try (Started logs = docker.start("logs -f named")) {
            logs.awaitOutput("\n");
        }
        docker.ok("inspect --format '{{.Config.Hostname}}' named").prints(id.substring(0, 12) + "\n");
        docker.ok("logs named").prints(id.substring(0, 12) + "\n");
    }

    @Test
    void makesTheRootReadOnly() {
        docker.run(RUN + "--read-only busybox touch /file").exits(1).says("Read-only file system");
        docker.ok(RUN + "--read-only --tmpfs /scratch busybox sh -c 'touch /scratch/file && ls /scratch'")
                .prints("file\n");
    }

    @Test
    void mountsTmpfs() {
        docker.ok(
                        RUN
                                + "--tmpfs /scratch:size=1m,mode=1770 busybox sh -c 'grep \" /scratch \" /proc/mounts | cut -d\" \" -f3,4; stat -c %a /scratch'")
                .printsPart("tmpfs rw,nosuid,nodev,noexec,relatime", "size=1024k", "mode=1770", "\n1770\n");
        docker.run(RUN + "--tmpfs /scratch:size=1m busybox dd if=/dev/zero of=/scratch/f bs=64k count=32")
                .exits(1)
                .says("No space left on device");
    }

    @Test
    void dropsAndAddsCapabilities() {
        docker.ok(RUN + "busybox grep CapEff /proc/self/status").prints("CapEff:\t00000000a80425fb\n");
        docker.ok(RUN + "--cap-drop ALL busybox grep CapEff /proc/self/status").prints("CapEff:\t0000000000000000\n");
        docker.ok(RUN + "--cap-drop ALL --cap-add NET_RAW busybox grep CapEff /proc/self/status")
                .prints("CapEff:\t0000000000002000\n");
        docker.run(RUN + "--cap-drop CHOWN busybox chown 1 /tmp").exits(1).says("Operation not permitted");
    }

    @Test
    void refusesAnUnknownCapability() {
        docker.run("run --name capless --network none --cap-add NO_SUCH_CAP busybox true")
                .exits(125)
                .says("NO_SUCH_CAP");
        assertThat(docker.exists("capless")).isFalse();
    }

    @Test
    void keepsPrivilegesFromGrowing() {
        docker.ok(RUN + "busybox grep NoNewPrivs /proc/self/status").prints("NoNewPrivs:\t0\n");
        docker.ok(RUN + "--security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status")
                .prints("NoNewPrivs:\t1\n");
    }

    @Test
    void filtersSystemCalls() {
        docker.ok(RUN + "busybox grep Seccomp: /proc/self/status").prints("Seccomp:\t2\n");
        docker.run(RUN + "busybox unshare -m true").exits(1).says("Operation not permitted");
        docker.ok(RUN + "--security-opt seccomp=unconfined busybox grep Seccomp: /proc/self/status")
                .prints("Seccomp:\t0\n");
    }

    @Test
    void masksWhatTellsOfTheHost() {
        docker.ok(RUN + "busybox sh -c 'wc -c < /proc/keys; wc -c < /proc/timer_list; ls /sys/firmware | wc -l'")
                .prints("0\n0\n0\n");
        docker.run(RUN + "busybox sh -c 'echo x > /proc/sys/kernel/domainname'")
                .exits(1)
                .says("Read-only file system");
    }

    @Test
    void seesOnlyItsOwnProcessesAndDevices() {
        docker.ok(RUN + "busybox sh -c 'echo $$; echo /proc/[0-9]*'").prints("1\n/proc/1\n");
        docker.ok(RUN + "busybox sh -c 'ls /dev | tr \"\\n\" \" \"'")
                .prints("fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero ");
        docker.ok(RUN + "busybox sh -c 'ls /sys/class/net'").prints("lo\n");
    }

    @Test
    void printsTheIdOfADetachedContainer() {
        String id = docker.ok("run -d --network none --name detached busybox sh -c 'echo started; sleep 60'")
                .text();
        assertThat(id).matches("[0-9a-f]{64}");
        docker.ok("inspect --format '{{.Id}} {{.State.Running}} {{.Config.AttachStdout}}' detached")
                .prints(id + " true false\n");
    }

    @Test
    void writesTheIdFile() throws IOException {
        docker.ok("run -d --name withid --network none --cidfile cid busybox true");
        assertThat(Files.readString(docker.home().resolve("cid"))).isEqualTo(docker.value("withid", "{{.Id}}"));
        docker.run("run --rm --network none --cidfile cid busybox true")
                .exits(125)
                .says("cid");
    }

    @Test
    void keepsLabels() {
        docker.ok("create --name labelled --network none --label one=1 --label two busybox true");
        docker.ok("inspect --format '{{json .Config.Labels}}' labelled").prints("{\"one\":\"1\",\"two\":\"\"}\n");
    }

    @Test
    void removesTheContainerAtItsEnd() {
        docker.run("run --rm --name gone --network none busybox sh -c 'exit 3'").exits(3);
        docker.run("inspect gone").exits(1).says("No such object: gone");
        docker.ok("run --rm --name gone --network none busybox true");
    }

    @Test
    void refusesANameInUse() {
        docker.ok("create --name taken --network none busybox true");
        docker.run("run --name taken --network none busybox true")
                .exits(125)
                .saysMatch(
                        "Conflict\\. The container name \"/taken\" is already in use by container \"?[0-9a-f]{64}\"?");
        docker.ok("ps -a --format {{.Names}}").prints("taken\n");
    }

    @Test
    void refusesABadName() {
        docker.run("run --name a/b --network none busybox true").exits(125).says("Invalid container name (a/b)");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void refusesAnUnknownImage() {
        docker.run("run --pull never --network none nosuch:1.0 true").exits(125).says("No such image: nosuch:1.0");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void refusesABadReference() {
        docker.run("run --network none Upper/CASE true").exits(125).says("invalid reference format");
        docker.ok("ps -aq").prints("");
    }

    @Test
    void exits127WhenTheCommandIsNotFound() {
        docker.run("run --name missing --network none busybox nosuchcommand")
                .exits(127)
                .says("\"nosuchcommand\": executable file not found in $PATH");
        assertThat(docker.value("missing", "{{.State.Status}} {{.State.ExitCode}}"))
                .isEqualTo("created 127");
        docker.run("run --rm --network none busybox /no/such/path")
                .exits(127)
                .says("\"/no/such/path\"", "no such file or directory");
    }

    @Test
    void exits126WhenTheCommandCannotBeExecuted() {
        docker.run("run --name refused --network none busybox /etc/not-executable")
                .exits(126)
                .says("\"/etc/not-executable\"", "permission denied");
        assertThat(docker.value("refused", "{{.State.Status}} {{.State.ExitCode}}"))
                .isEqualTo("created 126");
        docker.run(RUN + "busybox /etc").exits(126).says("permission denied");
    }

    @Test
    void needsACommand() {
        docker.run("run --network none busybox ''")
                .says("executable file not found")
                .exits(127);
    }

    @Test
    void setsLimitsOnFiles() {
        docker.ok(RUN + "--ulimit nofile=123:456 busybox sh -c 'ulimit -Sn; ulimit -Hn'")
                .prints("123\n456\n");
    }

    @Test
    void setsTheSizeOfSharedMemory() {
        docker.ok(RUN + "busybox sh -c 'df -k /dev/shm | tail -1 | tr -s \" \" | cut -d\" \" -f2'")
                .prints("65536\n");
        docker.ok(RUN + "--shm-size 1m busybox sh -c 'df -k /dev/shm | tail -1 | tr -s \" \" | cut -d\" \" -f2'")
                .prints("1024\n");
    }
}
