package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.DriverHost;
import io.longshore.agent.execdriver.ExecSessionsContract;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.execdriver.SessionLaunch;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
import io.longshore.contracts.agent.SessionSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.stream.Duplex;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The sessions' contract against the kernel, and what only the kernel shows. */
class LibcontainerSessionsRootIT extends ExecSessionsContract {
    @Override
    protected DriverHost host(Path files, Path sockets) {
        return new BusyboxHost(files, sockets);
    }

    @AfterAll
    static void removeCgroups() {
        BusyboxHost.removeCgroups();
    }

    private SessionSpec session(String user, String directory, boolean tty, String... arguments) {
        SessionSpec spec = spec(arguments);
        return new SessionSpec(
                spec.id(), spec.container(), spec.arguments(), List.of("OWN=value"), user, directory, tty, tty, false);
    }

    @Test
    void itSeesTheContainer() throws Exception {
        assertThat(run(spec("sh", "-c", "cat /proc/1/cmdline | tr '\\0' ' '; hostname; cat /proc/self/cgroup | wc -l")))
                .contains("sleep 600 ")
                .contains("testhost");
        String groups = run(spec("sh", "-c", "cmp /proc/1/cgroup /proc/self/cgroup && echo same"));
        assertThat(groups).isEqualTo("1:same\n=0");
    }

    @Test
    void itHasNoMoreThanTheContainer() throws Exception {
        assertThat(run(spec(
                        "sh",
                        "-c",
                        "for f in CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp SigBlk SigIgn; do "
                                + "a=$(sed -n s/^$f://p /proc/1/status); b=$(sed -n s/^$f://p /proc/self/status); "
                                + "[ \"$a\" = \"$b\" ] || echo $f $a $b; done; ls /proc/self/fd")))
                .matches("1:0\n1\n2\n3\n=0");
    }

    @Test
    void userDirectoryAndEnvironment() throws Exception {
        assertThat(run(session("4711:50", "/tmp", false, "sh", "-c", "id -u; id -g; pwd; echo $OWN $HOME")))
                .isEqualTo("1:4711\n50\n/tmp\nvalue /\n=0");
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThatThrownBy(() -> create(session("nobody-there", "", false, "true")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("unable to find user nobody-there");
        assertThatThrownBy(() -> create(session("", "/not/there", false, "true")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("chdir to cwd (\"/not/there\") set in config.json failed");
        assertThatThrownBy(() -> create(session("", "/proc/self/fd/6", false, "true")))
                .isInstanceOf(Failure.class);
    }

    @Test
    void aTerminalOfTheContainers() throws Exception {
        ExecId id = create(session("", "", true, "sh", "-c", "tty; stty size; read line; echo got $line; stty size"));
        try (Duplex stream = driver.sessions().attach(id, new AttachRequest(true, true, true))) {
            driver.sessions().resize(id, 33, 44);
            driver.sessions().start(id);
            String head = "/dev/pts/0\r\n33 44\r\n";
            assertThat(new String(stream.input().readNBytes(head.length()), StandardCharsets.UTF_8))
                    .isEqualTo(head);
            driver.sessions().resize(id, 20, 50);
            stream.output().write("x\n".getBytes(StandardCharsets.UTF_8));
            assertThat(all(stream)).isEqualTo("x\r\ngot x\r\n20 50\r\n");
        }
        assertThat(end().code()).isZero();
    }

    /** An agent that dies in the middle of a session's making, or of its removal, leaves its directory alone. */
    @Test
    void aDirectoryThatIsLeftIsKnownAndRemoved() throws Exception {
        ExecId id = ExecId.random();
        Path left = Files.createDirectory(run.resolve(id + ".session"));
        assertThat(driver.sessions().held()).contains(id);
        driver.sessions().destroy(id);
        assertThat(left).doesNotExist();
        assertThat(driver.sessions().held()).doesNotContain(id);
    }

    @Test
    void aNewDriverFindsItAgain() throws Exception {
        SessionSpec spec = withInput("sh", "-c", "cat; exit 4");
        ExecId id = create(spec);
        Running running = driver.sessions().start(id);
        newDriver();
        assertThat(recovered(spec)).isEqualTo(new Recovery.Alive(running));
        try (Duplex stream = driver.sessions().attach(id, new AttachRequest(true, true, true))) {
            stream.output().write("again".getBytes(StandardCharsets.UTF_8));
            stream.shutdownOutput();
            assertThat(payload(stream)).isEqualTo("1:again");
        }
        assertThat(end().code()).isEqualTo(4);
    }

    /** Another life of the agent, which has found the container. */
    private void newDriver() {
        driver.close();
        driver = open();
        Launch launch = new Launch(
                container(),
                new io.longshore.agent.execdriver.RootFs.Directory("/nowhere"),
                java.util.Map.of(),
                new io.longshore.agent.networkdriver.Sandbox.Private(),
                directory.toString());
        assertThat(driver.recover(launch, exits)).isInstanceOf(Recovery.Alive.class);
    }

    private Recovery recovered(SessionSpec spec) {
        return driver.sessions().recover(new SessionLaunch(container(), spec), (same, exit) -> ends.add(exit));
    }

    @Test
    void nothingIsLeftOfOneThatWasNotStarted() {
        SessionSpec spec = spec("true");
        ExecId id = create(spec);
        newDriver();
        assertThat(recovered(spec)).isInstanceOf(Recovery.Absent.class);
        assertThat(driver.sessions().held()).doesNotContain(id);
        assertThat(run.resolve(id + ".session")).doesNotExist();
    }

    @Test
    void itDiesWithItsSupervisor() throws Exception {
        ExecId id = create(spec("sleep", "600"));
        Running running = driver.sessions().start(id);
        ProcessIdentity process = ProcessIdentity.of(running.pid()).orElseThrow();
        int supervisor = Integer.parseInt(
                Files.readAllLines(run.resolve(id + ".exec")).get(3).split(" ")[0]);
        ProcessHandle.of(supervisor).orElseThrow().destroyForcibly();
        assertThat(end().code()).isEqualTo(137);
        assertThat(process.isAlive()).isFalse();
    }
}
