package io.longshore.platform.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.ErrorKind;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.ColocatedParts;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.run.echo.EchoApi;
import io.longshore.platform.run.echo.EchoApplication;
import io.longshore.platform.run.echo.EchoProperties;
import io.longshore.platform.run.twodoors.TwoDoorsApplication;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.transaction.support.TransactionSynchronizationManager;

class ServiceRunnerIT {
    @TempDir
    Path directory;

    private Settings settings() {
        return Settings.of(Map.of("run.directory", directory.resolve("run").toString()));
    }

    private static Caller caller(Duration limit) {
        return new Caller("tester", "default", Instant.now().plus(limit), Trace.newId());
    }

    @Test
    void callsReachTheServiceAndKindsComeBack() throws IOException {
        try (RunningService service = ServiceRunner.start(EchoApplication.class, settings());
                Connections connections = new Connections()) {
            answers(new Parts(connections).client(EchoApi.class, "echo", new Address.Unix(service.socket())));
        }
    }

    private static void answers(EchoApi api) {
        Caller caller = caller(Duration.ofSeconds(10));
        ContainerId id = ContainerId.random();
        assertThat(api.echo(caller, id, "/ ü&", new EchoApi.Thing(id, "a", 4, null)))
                .isEqualTo(new EchoApi.Thing(id, "a/ ü&", 4, null));
        Caller seen = api.caller(caller);
        assertThat(seen.traceId()).isEqualTo(caller.traceId());
        assertThat(seen.project()).isEqualTo("default");
        for (ErrorKind kind : ErrorKind.values()) {
            assertThatThrownBy(() -> api.fail(caller, kind.name(), "it is \"so\""))
                    .isInstanceOfSatisfying(
                            Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
                    .hasMessageMatching(kind == ErrorKind.NOT_MODIFIED ? ".*" : "it is \"so\"");
        }
        assertThatThrownBy(() -> api.fail(caller, "DEFECT", "secret"))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> api.fail(caller, "LOCKING", "secret"))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void partThatCannotFinishItsStartLeavesNothingBehind() {
        assertThatThrownBy(() -> ServiceRunner.start(TwoDoorsApplication.class, settings()))
                .isInstanceOf(StartFailure.class);
        assertThat(directory.resolve("run/services")).isEmptyDirectory();
    }

    /** A JVM that is killed deletes nothing. */
    @Test
    void whatAKillLeftIsRemovedByTheNextStartAndAStopLeavesNothing() throws IOException {
        Path left = directory.resolve("run/services/tomcat-image/work/left");
        try (RunningService service = ServiceRunner.start(EchoApplication.class, settings())) {
            assertThat(service.socket().resolveSibling("tomcat-image")).isDirectory();
        }
        assertThat(directory.resolve("run/services")).isEmptyDirectory();
        Files.createDirectories(left);
        try (RunningService service = ServiceRunner.start(EchoApplication.class, settings())) {
            assertThat(service.socket().resolveSibling("tomcat-image")).isDirectory();
            assertThat(left).doesNotExist();
        }
        assertThat(directory.resolve("run/services")).isEmptyDirectory();
    }

    @Test
    void colocatedPartsAnswerAlikeWithoutTheSocket() throws IOException {
        ColocatedParts colocated = new ColocatedParts();
        try (Connections connections = new Connections()) {
            Caller caller = caller(Duration.ofSeconds(5));
            EchoApi api;
            try (RunningService service = ServiceRunner.start(EchoApplication.class, settings(), colocated)) {
                Address address = new Address.Unix(service.socket());
                api = new Parts(connections, colocated).client(EchoApi.class, "echo", address);
                Files.delete(service.socket());
                answers(api);
                assertThatThrownBy(() -> api.caller(caller(Duration.ofMillis(-1))))
                        .isInstanceOf(Failure.DeadlineExceeded.class);
                TransactionSynchronizationManager.setActualTransactionActive(true);
                assertThatThrownBy(() -> api.caller(caller))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("inside a transaction");
            } finally {
                TransactionSynchronizationManager.clear();
            }
            assertThatThrownBy(() -> api.caller(caller)).isInstanceOf(Failure.Unavailable.class);
        }
    }

    @Test
    void deadlineEndsACall() throws IOException {
        try (RunningService service = ServiceRunner.start(EchoApplication.class, settings());
                Connections connections = new Connections()) {
            EchoApi api = new Parts(connections).client(EchoApi.class, "echo", new Address.Unix(service.socket()));
            long began = System.nanoTime();
            assertThatThrownBy(() -> api.slow(caller(Duration.ofMillis(200)), 3_000))
                    .isInstanceOf(Failure.DeadlineExceeded.class)
                    .hasMessageContaining("echo at unix:");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void absentServiceIsUnavailableByNameAndAddress() throws IOException {
        Path nobody = directory.resolve("nobody.sock");
        try (Connections connections = new Connections()) {
            EchoApi api = new Parts(connections).client(EchoApi.class, "image", new Address.Unix(nobody));
            assertThatThrownBy(() -> api.caller(caller(Duration.ofSeconds(1))))
                    .isInstanceOf(Failure.Unavailable.class)
                    .hasMessageContaining("image at unix:" + nobody);
        }
    }

    @Test
    void callInsideATransactionIsRefused() throws IOException {
        try (Connections connections = new Connections()) {
            EchoApi api = new Parts(connections).client(EchoApi.class, "image", Address.parse("unix:/nowhere"));
            TransactionSynchronizationManager.setActualTransactionActive(true);
            assertThatThrownBy(() -> api.caller(caller(Duration.ofSeconds(1))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("inside a transaction");
        } finally {
            TransactionSynchronizationManager.clear();
        }
    }

    @Test
    void socketIsPrivateAndGoneAfterStop() throws IOException {
        RunningService service = ServiceRunner.start(EchoApplication.class, settings());
        Path socket = service.socket();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(parent(socket))))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(parent(parent(socket)))))
                .isEqualTo("rwxr-x---");
        service.close();
        assertThat(socket).doesNotExist();
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        assertThat(parent).isNotNull();
        return parent;
    }

    @Test
    void socketInUseIsAClearFailureAndAStaleOneIsReplaced() throws IOException {
        try (RunningService first = ServiceRunner.start(EchoApplication.class, settings())) {
            assertThatThrownBy(() -> ServiceRunner.start(EchoApplication.class, settings()))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining(first.socket() + " is in use");
        }
        Path stale = directory.resolve("run/services/image.sock");
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(stale));
        }
        assertThat(stale).exists();
        ServiceRunner.start(EchoApplication.class, settings()).close();
        Files.writeString(stale, "precious");
        assertThatThrownBy(() -> ServiceRunner.start(EchoApplication.class, settings()))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("no socket");
        assertThat(stale).hasContent("precious");
    }

    @Test
    void directoryThatIsTooOpenIsRefused() throws IOException {
        Files.createDirectories(directory.resolve("run/services"));
        Files.setPosixFilePermissions(directory.resolve("run/services"), PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThatThrownBy(() -> ServiceRunner.start(EchoApplication.class, settings()))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("more open than rwx------");
    }

    @Test
    void configurationComesFromFileAndEnvironment() throws IOException {
        Path file = directory.resolve("longshore.yaml");
        Files.writeString(
                file, "run:\n  directory: " + directory.resolve("run") + "\nimage:\n  echo:\n    parallel: 7\n");
        Settings fromFile = Settings.load(List.of("--config", file.toString()), Map.of());
        try (RunningService service = ServiceRunner.start(EchoApplication.class, fromFile)) {
            assertThat(service.context().getBean(EchoProperties.class).parallel())
                    .isEqualTo(7);
        }
        Settings both = Settings.load(
                List.of(), Map.of("LONGSHORE_CONFIG", file.toString(), "LONGSHORE_IMAGE_ECHO_PARALLEL", "9"));
        try (RunningService service = ServiceRunner.start(EchoApplication.class, both)) {
            assertThat(service.context().getBean(EchoProperties.class).parallel())
                    .isEqualTo(9);
        }
        try (RunningService service = ServiceRunner.start(EchoApplication.class, settings())) {
            assertThat(service.context().getBean(EchoProperties.class).parallel())
                    .isEqualTo(3);
        }
    }

    @Test
    void unknownKeysAndBadValuesAreNamed() throws IOException {
        refuses("imagee:\n  echo: 1\n", "imagee.echo");
        refuses("image:\n  ecko:\n    parallel: 1\n", "image.ecko.parallel");
        refuses("image:\n  echo:\n    paralel: 1\n", "image.echo.paralel");
        refuses("run:\n  dir: /x\n", "run.dir");
        refuses("image:\n  echo:\n    parallel: 0\n", "image.echo.parallel: 0 is not at least 1");
        refuses("image:\n  echo:\n    parallel: many\n", "many");
        refuses("run: [\n", "no valid YAML");
    }

    @Test
    void whereAnUnknownKeyIsIsSaid() throws IOException {
        refuses("run: {}\nimagee:\n  echo: 1\n", "bad.yaml] - 3:9");
        refuses("image:\n  ecko:\n    parallel: 1\n", "bad.yaml] - 3:15");
        refuses("image:\n  echo:\n    paralel: 1\n", "bad.yaml] - 3:14");
    }

    @Test
    void unknownVariablesAreNamed() {
        refusesVariable("LONGSHORE_IMAGEE_ECHO_PARALLEL", "no section \"imagee\"");
        refusesVariable("LONGSHORE_DEBUG", "no section \"debug\"");
        refusesVariable("LONGSHORE_IMAGE_ECKO_PARALLEL", "LONGSHORE_IMAGE_ECHO_PARALLEL");
        refusesVariable("LONGSHORE_IMAGE_ECHO_PARALEL", "LONGSHORE_IMAGE_ECHO_PARALLEL");
        refusesVariable("LONGSHORE_RUN_DIR", "LONGSHORE_RUN_DIRECTORY");
        refusesVariable("LONGSHORE_RUN_STOP_WITHIN", "LONGSHORE_RUN_STOPWITHIN");
        refusesVariable("LONGSHORE_SERVICES_IMAGES", "LONGSHORE_SERVICES_IMAGE");
    }

    /** Those of a part that does not run here are that part's to refuse. */
    @Test
    void otherPartsVariablesAreLeftToThem() {
        Settings settings = Settings.load(
                        List.of(), Map.of("LONGSHORE_VOLUME_X", "1", "LONGSHORE_STANDALONE_X", "1", "OTHER", "1"))
                .with(Map.of("run.directory", directory.resolve("run").toString()));
        try (RunningService service = ServiceRunner.start(EchoApplication.class, settings)) {
            assertThat(service.context().isActive()).isTrue();
        }
    }

    private void refusesVariable(String variable, String explained) {
        assertThatThrownBy(() -> ServiceRunner.start(
                        EchoApplication.class,
                        Settings.load(List.of(), Map.of(variable, "7"))
                                .with(Map.of(
                                        "run.directory",
                                        directory.resolve("run").toString()))))
                .as(variable)
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("configuration: unknown variable \"" + variable + "\"")
                .hasMessageContaining(explained);
    }

    private void refuses(String yaml, String named) throws IOException {
        Path file = directory.resolve("bad.yaml");
        Files.writeString(file, yaml);
        assertThatThrownBy(() -> ServiceRunner.start(
                        EchoApplication.class,
                        Settings.load(List.of("--config=" + file), Map.of())
                                .with(Map.of(
                                        "run.directory",
                                        directory.resolve("run").toString()))))
                .as(yaml)
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining(named);
    }
}
