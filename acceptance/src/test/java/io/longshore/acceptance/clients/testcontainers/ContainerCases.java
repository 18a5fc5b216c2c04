package io.longshore.acceptance.clients.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.HealthCheck;
import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.ExecConfig;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.output.ToStringConsumer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.MountableFile;

/** A generic container: waiting for it, its files, its commands, its logs, and its ends. */
public class ContainerCases {
    /** One of them is never ready. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private static GenericContainer<?> busybox(String script) {
        return new GenericContainer<>("busybox:latest")
                .withCommand("sh", "-c", script)
                .withStartupTimeout(PATIENCE);
    }

    private static GenericContainer<?> webServer() {
        return busybox("mkdir -p /www && echo welcome >/www/page && exec httpd -f -p 80 -h /www")
                .withExposedPorts(80);
    }

    @Test
    void waitsForALine() {
        try (var container = busybox("for i in 1 2 3; do echo step $i; sleep 0.3; done; exec sleep 600")
                .waitingFor(Wait.forLogMessage("step .*\\n", 3))) {
            container.start();
            assertThat(container.getLogs()).contains("step 3");
            assertThat(container.isRunning()).isTrue();
        }
    }

    /** From outside, and with a command inside. */
    @Test
    void waitsForAPort() throws IOException {
        try (var container = webServer()) {
            container.start();
            assertThat(container.getMappedPort(80)).isPositive();
            assertThat(Http.get(container, 80, "/page")).endsWith("welcome\n");
        }
    }

    @Test
    void waitsForAPage() throws IOException {
        try (var container =
                webServer().waitingFor(Wait.forHttp("/page").forPort(80).forStatusCode(200))) {
            container.start();
            assertThat(Http.get(container, 80, "/nothing")).startsWith("HTTP/1.1 404");
        }
    }

    @Test
    void waitsForHealth() {
        HealthCheck check = new HealthCheck()
                .withTest(List.of("CMD-SHELL", "test -e /tmp/ready"))
                .withInterval(TimeUnit.MILLISECONDS.toNanos(300))
                .withTimeout(TimeUnit.SECONDS.toNanos(5))
                .withRetries(100);
        try (var container = busybox("sleep 1; touch /tmp/ready; exec sleep 600")
                .withCreateContainerCmdModifier(command -> command.withHealthcheck(check))
                .waitingFor(Wait.forHealthcheck())) {
            container.start();
            assertThat(container.isHealthy()).isTrue();
        }
    }

    @Test
    void copiesFilesInBeforeItStartsAndOutAgain() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree/below"));
        Files.writeString(tree.resolve("leaf"), "green");
        try (var container = busybox("cat /etc/app/config && exec sleep 600")
                .withCopyToContainer(Transferable.of("colour=blue\n", 0100640), "/etc/app/config")
                .withCopyFileToContainer(MountableFile.forHostPath(directory.resolve("tree")), "/srv/tree")
                .waitingFor(Wait.forLogMessage("colour=blue\\n", 1))) {
            container.start();
            assertThat(container.execInContainer("cat", "/srv/tree/below/leaf").getStdout())
                    .isEqualTo("green");
            assertThat(container
                            .execInContainer("stat", "-c", "%a", "/etc/app/config")
                            .getStdout())
                    .isEqualTo("640\n");
            container.copyFileToContainer(Transferable.of("later"), "/tmp/later");
            Path copy = directory.resolve("copy");
            container.copyFileFromContainer("/tmp/later", copy.toString());
            assertThat(copy).hasContent("later");
            String read = container.copyFileFromContainer(
                    "/etc/app/config", in -> new String(in.readAllBytes(), StandardCharsets.UTF_8));
            assertThat(read).isEqualTo("colour=blue\n");
        }
    }

    @Test
    void runsCommandsInside() throws Exception {
        try (var container = busybox("exec sleep 600")) {
            container.start();
            ExecResult result = container.execInContainer("sh", "-c", "echo out; echo err >&2; exit 7");
            assertThat(result.getStdout()).isEqualTo("out\n");
            assertThat(result.getStderr()).isEqualTo("err\n");
            assertThat(result.getExitCode()).isEqualTo(7);
            assertThat(container
                            .execInContainer(ExecConfig.builder()
                                    .user("daemon")
                                    .command(new String[] {"id", "-un"})
                                    .build())
                            .getStdout())
                    .isEqualTo("daemon\n");
        }
    }

    @Test
    void hasItsSettings() throws Exception {
        Files.writeString(directory.resolve("mounted"), "from the host");
        try (var container = busybox("exec sleep 600")
                .withEnv("COLOUR", "blue")
                .withLabel("tier", "front")
                .withWorkingDirectory("/var")
                .withTmpFs(Map.of("/scratch", "rw,size=1m"))
                .withExtraHost("elsewhere", "192.0.2.7")
                .withSharedMemorySize(1L << 20)
                .withFileSystemBind(directory.toString(), "/host", BindMode.READ_ONLY)) {
            container.start();
            assertThat(container
                            .execInContainer(
                                    "sh", "-c", "echo $COLOUR $PWD; cat /host/mounted; grep elsewhere /etc/hosts")
                            .getStdout())
                    .isEqualTo("blue /var\nfrom the host192.0.2.7\telsewhere\n");
            assertThat(container.execInContainer("touch", "/host/new").getExitCode())
                    .isNotZero();
            InspectContainerResponse info = container.getCurrentContainerInfo();
            assertThat(info.getConfig().getLabels())
                    .containsEntry("tier", "front")
                    .containsEntry("org.testcontainers", "true")
                    .containsKey("org.testcontainers.sessionId");
            assertThat(info.getHostConfig().getShmSize()).isEqualTo(1L << 20);
        }
    }

    @Test
    void followsItsLog() {
        ToStringConsumer log = new ToStringConsumer();
        try (var container = busybox("echo first; echo other >&2; sleep 0.5; echo last; exec sleep 600")
                .withLogConsumer(log)
                .waitingFor(Wait.forLogMessage("last\\n", 1))) {
            container.start();
            assertThat(container.getLogs()).contains("first\n", "other\n", "last\n");
            // The consumer has a request of its own.
            assertThat(Await.answer(PATIENCE, log::toUtf8String, text -> text.contains("last\n")))
                    .contains("last\n");
        }
        assertThat(log.toUtf8String()).contains("first\n", "other\n", "last\n");
    }

    /** A container of its own with each start; the engine's stop and start keep it, with another port. */
    @Test
    void stopsAndStarts() throws IOException {
        try (var container = webServer()) {
            container.start();
            String first = container.getContainerId();
            container.stop();
            assertThat(container.isRunning()).isFalse();
            container.start();
            assertThat(container.getContainerId()).isNotEqualTo(first);
            var engine = container.getDockerClient();
            engine.stopContainerCmd(container.getContainerId()).withTimeout(0).exec();
            assertThat(container.isRunning()).isFalse();
            engine.startContainerCmd(container.getContainerId()).exec();
            InspectContainerResponse again = container.getCurrentContainerInfo();
            var bindings = again.getNetworkSettings().getPorts().getBindings();
            String port = Objects.requireNonNull(bindings.values().iterator().next())[0].getHostPortSpec();
            assertThat(Http.until(container.getHost(), Integer.parseInt(port), "/page"))
                    .endsWith("welcome\n");
        }
    }

    @Test
    void isFoundAgainToBeReused() {
        try (var one = busybox("exec sleep 600").withLabel("of", "reuse").withReuse(true);
                var other = busybox("exec sleep 600").withLabel("of", "reuse").withReuse(true)) {
            one.start();
            other.start();
            assertThat(other.getContainerId()).isEqualTo(one.getContainerId());
        }
    }

    @Test
    void runsOnceAndIsDone() {
        try (var container = busybox("echo done")
                .withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(PATIENCE))) {
            container.start();
            assertThat(container.getLogs()).isEqualTo("done\n");
            assertThat(container.getCurrentContainerInfo().getState().getExitCodeLong())
                    .isZero();
        }
    }

    @Test
    void aFailedStartTellsTheLog() {
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        Logger root = (Logger) LoggerFactory.getLogger("tc.busybox:latest");
        root.addAppender(log);
        try (var container = busybox("echo the reason why; exit 3").withExposedPorts(80)) {
            assertThatThrownBy(container::start)
                    .isInstanceOf(ContainerLaunchException.class)
                    .hasMessageContaining("Container startup failed for image busybox:latest");
        } finally {
            root.detachAppender(log);
        }
        assertThat(log.list.stream().map(ILoggingEvent::getFormattedMessage).collect(Collectors.joining("\n")))
                .contains("the reason why");
    }

    @Test
    void oneThatIsNeverReadyIsGivenUp() {
        try (var container = busybox("exec sleep 600")
                .withExposedPorts(80)
                .waitingFor(Wait.forListeningPort().withStartupTimeout(Duration.ofSeconds(2)))) {
            assertThatThrownBy(container::start)
                    .isInstanceOf(ContainerLaunchException.class)
                    .hasStackTraceContaining("Timed out waiting for container port to open");
        }
    }
}
