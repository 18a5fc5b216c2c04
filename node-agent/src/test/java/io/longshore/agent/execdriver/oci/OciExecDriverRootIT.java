package io.longshore.agent.execdriver.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.CommandNotExecutable;
import io.longshore.agent.execdriver.DriverHost;
import io.longshore.agent.execdriver.ExecDriverContract;
import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.execdriver.libcontainer.BusyboxHost;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
import io.longshore.contracts.agent.ContainerSpec.Device;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.ContainerSpec.Namespace;
import io.longshore.contracts.agent.ContainerSpec.Namespaces;
import io.longshore.contracts.agent.ContainerSpec.Resources;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The contract with containers that runc makes, and what only a runtime's binary brings. */
class OciExecDriverRootIT extends ExecDriverContract {
    private @Nullable OciHost host;

    @Override
    protected DriverHost host(Path files, Path sockets) {
        host = new OciHost(files, sockets);
        return host;
    }

    private OciHost host() {
        return Objects.requireNonNull(host, "made before each case");
    }

    @AfterAll
    static void removeCgroups() {
        BusyboxHost.removeCgroups();
    }

    private String output(TestSpecs spec) throws IOException {
        ContainerId id = created(spec).id();
        try (Duplex stream = driver.attach(id, OUTPUT)) {
            driver.start(id);
            String read = payload(stream);
            exits.next(id);
            return read;
        } finally {
            driver.destroy(id);
        }
    }

    @Test
    void userDirectoryEnvironmentAndHostname() throws IOException {
        var spec = new TestSpecs("sh", "-c", "id; pwd; hostname; cat /etc/hostname; echo $HOME $OWN");
        spec.user = "app";
        spec.workingDirectory = "/made/for/it";
        spec.environment.add("OWN=value");
        assertThat(output(spec).lines())
                .containsExactly(
                        "1:uid=1000(app) gid=1000(app) groups=10(wheel),50(extra),1000(app)",
                        "/made/for/it",
                        "testhost",
                        "testhost",
                        "/home/app value");
    }

    @Test
    void theWallsAreThoseOfOurOwnContainers() throws IOException {
        String look = "for f in CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp SigBlk SigIgn; do"
                + " grep ^$f: /proc/self/status; done; ls /proc/self/fd; ls /dev | grep -v core; cat /proc/keys | wc -c;"
                + " touch /proc/sys/kernel/x 2>&1; ls /sys/firmware; ip link | grep -c UP; cat /proc/1/oom_score_adj";
        var own = new TestSpecs("sh", "-c", look);
        var byRunc = new TestSpecs("sh", "-c", look);
        Launch ours = host().host().launch(own);
        driver.create(ours, exits);
        String expected;
        try (Duplex stream = driver.attach(ours.id(), OUTPUT)) {
            driver.start(ours.id());
            expected = payload(stream);
        }
        exits.next(ours.id());
        assertThat(output(byRunc)).isEqualTo(expected);
    }

    @Test
    void mountsOfEachKind() throws IOException {
        Path shared = Files.createDirectory(directory.resolve("shared"));
        Path file = Files.writeString(directory.resolve("single"), "one file\n");
        Path volume = Files.createDirectory(directory.resolve("volume"));
        host().host().volumes.put("/deep/volume", volume.toString());
        var spec = new TestSpecs(
                "sh",
                "-c",
                "cat /single; touch /shared/x || echo ro; echo kept > /deep/volume/f; df -k /t | tail -1 | tr -s ' ' | cut -d' ' -f2;"
                        + " touch /new || echo ro; cat /etc/resolv.conf; grep -c ' / overlay\\| / ext4' /proc/mounts > /dev/null;"
                        + " echo x > /etc/hosts || echo ro");
        spec.readOnlyRoot = true;
        spec.mounts.add(new Mount(Mount.Kind.BIND, file.toString(), "/single", false, List.of(), false));
        spec.mounts.add(new Mount(Mount.Kind.BIND, shared.toString(), "/shared", true, List.of(), false));
        spec.mounts.add(new Mount(Mount.Kind.VOLUME, "data", "/deep/volume", false, List.of(), false));
        spec.mounts.add(new Mount(Mount.Kind.TMPFS, "", "/t", false, List.of("size=1m", "mode=1777"), false));
        spec.logDriver = "none";
        ContainerId id = created(spec).id();
        try (Duplex stream = driver.attach(id, new AttachRequest(false, true, false))) {
            driver.start(id);
            assertThat(payload(stream)).isEqualTo("1:one file\nro\n1024\nro\nnameserver 192.0.2.1\nro\n");
        }
        exits.next(id);
        assertThat(volume.resolve("f")).hasContent("kept");
    }

    @Test
    void devicesLimitsAndAnInit() throws IOException {
        var spec = new TestSpecs(
                "sh",
                "-c",
                "head -c 4 /dev/seen | wc -c; cat /proc/1/cmdline | tr '\\0' ' '; echo; cat /dev/zero | head -c 1 | wc -c;"
                        + " mknod /m b 7 0 && head -c 1 /m");
        spec.devices = List.of(new Device("/dev/zero", "/dev/seen", "r"));
        spec.init = true;
        spec.resources = new Resources(64 << 20, 64 << 20, 0, 512, 50_000, 100_000, "", "", 100, null);
        Launch launch = created(spec);
        try (Duplex stream = driver.attach(launch.id(), new AttachRequest(false, true, false))) {
            driver.start(launch.id());
            assertThat(payload(stream))
                    .startsWith("1:4\n/sbin/docker-init -- sh -c head")
                    .endsWith("\n1\n");
        }
        assertThat(exits.next(launch.id()).code()).isNotZero();
    }

    @Test
    void anotherContainersMemoryIsShared() throws IOException {
        var donor = new TestSpecs("sh", "-c", "echo kept > /dev/shm/f; exec sleep 1000");
        donor.namespaces = ipc(new Namespace(Namespace.From.SHAREABLE, null));
        Launch shared = created(donor);
        driver.start(shared.id());
        var joins = new TestSpecs("sh", "-c", "until grep kept /dev/shm/f; do sleep 0.02; done");
        joins.namespaces = ipc(new Namespace(Namespace.From.CONTAINER, shared.id()));
        assertThat(output(joins)).isEqualTo("1:kept\n");
        driver.signal(shared.id(), 9);
        exits.next(shared.id());
    }

    private static Namespaces ipc(Namespace ipc) {
        return new Namespaces(ipc, Namespace.PRIVATE, Namespace.PRIVATE);
    }

    @Test
    void aTerminal() throws IOException {
        var spec =
                new TestSpecs("sh", "-c", "tty; stty size; read line; echo got $line; stty size; ps -o tty | tail -1");
        spec.tty = true;
        spec.openStdin = true;
        ContainerId id = created(spec).id();
        try (Duplex stream = driver.attach(id, new AttachRequest(true, true, true))) {
            driver.resize(id, 33, 44);
            stream.output().write("typed before\n".getBytes(StandardCharsets.UTF_8));
            driver.start(id);
            String text = new String(stream.input().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(text).contains("/dev/pts/0\r\n").contains("33 44\r\n").contains("got typed before\r\n33 44\r\n");
        }
        assertThat(exits.next(id).code()).isZero();
    }

    @Test
    void whatCannotBeExecuted() {
        ContainerId id = created(new TestSpecs("/etc/passwd")).id();
        assertThatThrownBy(() -> driver.start(id))
                .isInstanceOfSatisfying(
                        CommandNotExecutable.class,
                        refused -> assertThat(refused.exitCode()).isEqualTo(126))
                .hasMessageContaining("exec: \"/etc/passwd\": permission denied");
    }

    @Test
    void aFailedStartSaysNothingOnTheContainersStreams() throws IOException {
        Launch launch = created(new TestSpecs("nonexistent-command"));
        try (Duplex stream = driver.attach(launch.id(), OUTPUT)) {
            assertThatThrownBy(() -> driver.start(launch.id())).isInstanceOf(CommandNotExecutable.class);
            assertThat(payload(stream)).isEmpty();
        }
        assertThat(Files.readString(Path.of(launch.logPath()))).isEmpty();
    }

    @Test
    void aRuntimeThatFailsSaysWhy() throws IOException {
        host().add("broken", script("printf '%s' '{\"level\":\"error\",\"msg\":\"no room\\nfor it\"}' > $4; exit 3"));
        host().add("mute", script("exit 3"));
        host().add("missing", new RuntimeBinary(Path.of("/no/such/runtime"), List.of()));
        restart();
        fails("broken", "failed to create task for container: OCI runtime create failed: no room\nfor it");
        fails("mute", "ended with an error and did not say why");
        fails("missing", "fork/exec /no/such/runtime: no such file or directory");
    }

    private RuntimeBinary script(String body) throws IOException {
        Path file = Files.createTempFile(directory, "runtime", ".sh");
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new RuntimeBinary(file, List.of());
    }

    private void fails(String runtime, String words) {
        var spec = new TestSpecs("true");
        spec.runtime = runtime;
        ContainerId id = created(spec).id();
        assertThatThrownBy(() -> driver.start(id))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageContaining(words);
        assertThat(driver.held()).doesNotContain(id);
    }

    @Test
    void aKilledSupervisorTakesItsContainerAlong() {
        ContainerId id = created(new TestSpecs("sleep", "1000")).id();
        Running running = driver.start(id);
        ProcessHandle process = ProcessHandle.of(running.pid()).orElseThrow();
        ProcessIdentity identity = ProcessIdentity.of(running.pid()).orElseThrow();
        process.parent().orElseThrow().destroyForcibly();
        Exit exit = exits.next(id);
        assertThat(exit.code()).isEqualTo(137);
        assertThat(exit.error()).contains("supervisor was lost");
        assertThat(identity.isAlive()).isFalse();
    }

    @Test
    void aRuntimeThatHangsEndsWithItsSupervisor() throws Exception {
        host().add(
                        "hangs",
                        script("echo $$ > " + directory + "/pid.new; mv " + directory + "/pid.new " + directory
                                + "/pid;" + " exec sleep 1000"));
        restart();
        var spec = new TestSpecs("true");
        spec.runtime = "hangs";
        ContainerId id = created(spec).id();
        var starting = CompletableFuture.runAsync(() -> driver.start(id));
        Path pid = directory.resolve("pid");
        while (!Files.exists(pid)) {
            assertThat(starting).isNotDone();
            Thread.sleep(5);
        }
        ProcessHandle runtime =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).orElseThrow();
        ProcessHandle runner = runtime.parent().orElseThrow();
        runner.parent().orElseThrow().destroyForcibly();
        assertThatThrownBy(() -> starting.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(Failure.Internal.class);
        runtime.onExit().get(10, TimeUnit.SECONDS);
        runner.onExit().get(10, TimeUnit.SECONDS);
        assertThat(driver.held()).doesNotContain(id);
    }

    /** What a container leaves on the node's process ids is the node's, not its supervisor's, which reaps nothing else. */
    @Test
    void orphansOnTheNodeAreNotTheSupervisors() throws IOException {
        var spec = new TestSpecs("sh", "-c", "(sleep 1001 & echo $!); read line");
        spec.namespaces =
                new Namespaces(Namespace.PRIVATE, new Namespace(Namespace.From.HOST, null), Namespace.PRIVATE);
        spec.openStdin = true;
        ContainerId id = created(spec).id();
        try (Duplex stream = driver.attach(id, OUTPUT)) {
            Running running = driver.start(id);
            byte[] frame = stream.input().readNBytes(8);
            String line = new String(stream.input().readNBytes(frame[7]), StandardCharsets.UTF_8);
            ProcessHandle orphan =
                    ProcessHandle.of(Long.parseLong(line.strip())).orElseThrow();
            ProcessHandle supervisor =
                    ProcessHandle.of(running.pid()).orElseThrow().parent().orElseThrow();
            assertThat(orphan.parent()).isNotEqualTo(Optional.of(supervisor));
            assertThat(supervisor.children().map(ProcessHandle::pid)).containsExactly((long) running.pid());
        }
        driver.destroy(id);
    }

    @Test
    void anUnknownRuntimeIsRefused() {
        var spec = new TestSpecs("true");
        spec.runtime = "nonesuch";
        Launch launch = launch(spec);
        assertThatThrownBy(() -> driver.create(launch, exits))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("unknown or invalid runtime name: nonesuch");
        assertThat(driver.held()).isEmpty();
    }
}
