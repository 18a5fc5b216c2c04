package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Namespaces that a container shares with the node or with another container. */
class NamespaceCliRootIT extends CliCases {
    private static final String RUN = "run --rm --network none ";

    private static String node(String namespace) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/" + namespace)).toString() + "\n";
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void ofTheNode() {
        for (String namespace : List.of("ipc", "uts")) {
            String read = "busybox readlink /proc/self/ns/" + namespace;
            docker.ok(RUN + "--" + namespace + " host " + read).prints(node(namespace));
            assertThat(docker.probe(RUN + read).ok().out()).isNotEqualTo(node(namespace));
        }
    }

    @Test
    void theUserNamespaceIsTheNodes() {
        docker.ok(RUN + "--userns host busybox readlink /proc/self/ns/user").prints(node("user"));
        docker.ok(RUN + "busybox readlink /proc/self/ns/user").prints(node("user"));
    }

    @Test
    @LongshoreOnly("Docker Engine runs in a namespace of its own here")
    void theNodesProcessesAreSeen() {
        docker.ok(RUN + "--pid host busybox readlink /proc/self/ns/pid").prints(node("pid"));
        assertThat(docker.probe(RUN + "busybox readlink /proc/self/ns/pid").ok().out())
                .isNotEqualTo(node("pid"));
        docker.ok(RUN + "--pid host busybox sh -c 'test -d /proc/"
                        + ProcessHandle.current().pid() + " && echo seen'")
                .prints("seen\n");
        docker.ok(
                        RUN
                                + "--pid host busybox sh -c 'grep -c \" /proc/timer_list \" /proc/mounts; true > /proc/sys/kernel/threads-max || echo walled'")
                .prints("1\nwalled\n");
    }

    @Test
    void aProcessOfTheNodesNamespaceIsStopped() {
        docker.ok("run -d --name shared --network none --pid host busybox sh -c 'sleep 61.7 & sleep 61.7'");
        docker.ok("stop -t 1 shared");
        assertThat(anybodySleeps()).isFalse();
    }

    private static boolean anybodySleeps() {
        return ProcessHandle.allProcesses()
                .anyMatch(process -> process.info().commandLine().orElse("").contains("sleep 61.7"));
    }

    @Test
    void theNodesName() throws IOException {
        String name = Files.readString(Path.of("/proc/sys/kernel/hostname"));
        docker.ok(RUN + "--uts host busybox hostname").prints(name);
        docker.run(RUN + "--uts host --hostname x busybox true")
                .exits(125)
                .says("conflicting options: hostname and the UTS mode");
    }

    @Test
    void theNodesSharedMemory() throws IOException {
        Path file = Files.createFile(
                Path.of("/dev/shm/longshore-case-" + ProcessHandle.current().pid()));
        try {
            docker.ok(RUN + "--ipc host busybox sh -c 'test -e " + file + " && echo there'")
                    .printsPart("there");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void noSharedMemory() {
        docker.ok(RUN + "--ipc none busybox sh -c 'test -e /dev/shm || echo none'")
                .prints("none\n");
    }

    @Test
    void anotherContainersIpc() {
        docker.ok(
                "run -d --name donor --network none --ipc shareable busybox sh -c 'echo shared > /dev/shm/x; echo ready; sleep 60'");
        docker.awaitLog("donor", "ready");
        docker.ok(RUN + "--ipc container:donor busybox sh -c 'cat /dev/shm/x; echo back > /dev/shm/y'")
                .prints("shared\n");
        String theirs = docker.probe(RUN + "--ipc container:donor busybox readlink /proc/self/ns/ipc")
                .ok()
                .out();
        assertThat(theirs).isNotEqualTo(node("ipc"));
        docker.ok("run -d --name second --network none --ipc container:donor busybox sleep 60");
        docker.ok(
                        RUN
                                + "--ipc container:second busybox sh -c 'cat /dev/shm/y; grep -c \" /dev/shm tmpfs rw,nosuid,nodev,noexec\" /proc/mounts'")
                .prints("back\n1\n");
        docker.ok("inspect --format '{{.HostConfig.IpcMode}}' donor").prints("shareable\n");
    }

    @Test
    void whoDoesNotShareIsNotJoined() {
        docker.ok("run -d --name own --network none busybox sleep 60");
        docker.run(RUN + "--ipc container:own busybox true").exits(125).says("non-shareable IPC");
        docker.ok("create --name asleep --network none --ipc shareable busybox true");
        docker.run(RUN + "--ipc container:asleep busybox true").exits(125).says("is not running");
        docker.run(RUN + "--ipc cloud busybox true").exits(125).saysMatch("(?i)invalid ipc mode");
    }

    @Test
    void aCgroupNamespaceOfItsOwn() {
        docker.ok(RUN + "--cgroupns private busybox sh -c 'cut -d : -f 3 /proc/self/cgroup | sort -u'")
                .prints("/\n");
        String cgroups = docker.probe("run --name host --network none --cgroupns host busybox cat /proc/self/cgroup")
                .ok()
                .out();
        assertThat(cgroups).contains(docker.value("host", "{{.Id}}"));
    }

    @Test
    void anotherContainersProcesses() {
        docker.ok("run -d --name other --network none busybox sh -c 'sleep 3600 & echo ready; sleep 3601'");
        docker.awaitLog("other", "ready");
        docker.ok(
                        RUN
                                + "--pid container:other busybox sh -c 'readlink /proc/1/exe; tr \"\\0\" \" \" < /proc/1/cmdline'")
                .prints("/bin/busybox\nsleep 3601 ");
        String theirs =
                docker.probe("exec other readlink /proc/self/ns/pid").ok().out();
        docker.ok("run -d --name second --network none --pid container:other busybox sleep 3602");
        assertThat(docker.probe("exec second readlink /proc/self/ns/pid").ok().out())
                .isEqualTo(theirs);
        docker.ok(
                        RUN
                                + "--pid container:other --user 1234 --workdir /var busybox sh -c 'id -u; pwd; grep -c \" /proc/timer_list \" /proc/mounts; true > /proc/sys/kernel/threads-max || echo walled'")
                .prints("1234\n/var\n1\nwalled\n");
        assertThat(docker.probe("top second -o pid,args").ok().out())
                .containsPattern("^PID +COMMAND\\n[0-9]+ +sleep 3602\n$");
        docker.run(RUN + "--pid container:second busybox nonsense").exits(127);
        docker.run(RUN + "--pid container:other busybox sh -c 'kill -9 $$'").exits(137);
        docker.ok("stop -t 0 other");
        assertThat(docker.probe("wait second").ok().out()).isEqualTo("137\n");
    }

    @Test
    void aTerminalAmongAnotherContainersProcesses() throws Exception {
        docker.ok("run -d --name other --network none busybox sleep 3600");
        docker.ok(
                        RUN
                                + "-t --pid container:other busybox sh -c 'test -t 0 && tty; ps -o tty,comm > /tmp/ps; grep -c 136,0 /tmp/ps'")
                .printsPart("/dev/pts/0");
    }

    @Test
    void whoDoesNotRunIsNotJoined() {
        docker.ok("create --name asleep --network none busybox true");
        docker.run(RUN + "--pid container:asleep busybox true").exits(125).says("is not running");
        docker.run(RUN + "--pid container:nobody busybox true").exits(125).says("No such container: nobody");
    }

    @Test
    void aCommandLeavesNoProcessAmongThoseItShared() {
        docker.ok("run -d --name other --network none busybox sleep 3600");
        docker.ok("run --name brief --network none --pid container:other busybox sh -c 'sleep 3603 & true'");
        assertThat(docker.probe("exec other ps -o args").ok().out()).doesNotContain("sleep 3603");
    }
}
