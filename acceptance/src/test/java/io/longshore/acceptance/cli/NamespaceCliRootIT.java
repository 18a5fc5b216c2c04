package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
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
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (anybodySleeps() && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
        }
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
    @LongshoreOnly("Docker Engine has this")
    void anotherContainersProcessesAreNotJoinedYet() {
        docker.ok("run -d --name other --network none busybox sleep 60");
        docker.run(RUN + "--pid container:other busybox true").exits(125).says("HostConfig.PidMode", "not available");
    }
}
