package io.longshore.standalone.join;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.NodeAgentApplication;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.JoinAnswer;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.identity.CertificateAnswer;
import io.longshore.contracts.identity.CertificateApi;
import io.longshore.contracts.identity.CertificateRequest;
import io.longshore.fleet.FleetServiceApplication;
import io.longshore.fleet.authority.CertificateAuthority;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.identity.Identity;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.identity.SigningRequest;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.PostExchange;

/** Machines, with simulated drivers, that join a fleet over TCP. */
@Timeout(120)
class JoinIT {
    private static final TestDatabase DATABASE = TestDatabase.create("fleet");

    @TempDir
    static Path directory;

    private static int port;
    private static RunningService fleet;
    private static Connections connections;

    private interface Tokens {
        @PostExchange("/api/v1/join-tokens")
        Map<String, Object> make(Caller caller, @RequestBody Map<String, Object> wish);
    }

    @BeforeAll
    static void start() throws IOException {
        port = freePort();
        Path certificate = directory.resolve("keys/fleet.crt");
        Path key = directory.resolve("keys/fleet.key");
        CertificateAuthority.makeIfMissing(certificate, key);
        Map<String, Object> values = new HashMap<>(DATABASE.settings());
        values.put("run.directory", directory.resolve("run").toString());
        values.put("listen.fleet", "127.0.0.1:" + port);
        values.put("fleet.authority.certificate-file", certificate.toString());
        values.put("fleet.authority.key-file", key.toString());
        fleet = ServiceRunner.start(FleetServiceApplication.class, Settings.of(values));
        connections = new Connections();
    }

    @AfterAll
    static void stop() throws IOException {
        connections.close();
        fleet.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static <T> T near(Class<T> contract) {
        return new Parts(connections).client(contract, "fleet", new Address.Unix(fleet.socket()));
    }

    private static Caller caller() {
        return new Caller("tester", "default", Instant.now().plusSeconds(30), Trace.newId());
    }

    private static String token() {
        return String.valueOf(near(Tokens.class).make(caller(), Map.of()).get("token"));
    }

    private static Path work(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    private static JoinAnswer join(Path work, String... more) throws IOException {
        List<String> arguments = new java.util.ArrayList<>(List.of("--server", "127.0.0.1:" + port));
        arguments.addAll(List.of(more));
        return new Join(work).run(JoinOptions.parse(arguments));
    }

    private static RunningService agent(Path work) {
        Settings own = Settings.of(Map.of(
                "run.directory", work.resolve("run").toString(),
                "agent.run-directory", work.resolve("agent").toString(),
                "agent.work-directory", work.toString(),
                "agent.drivers.exec", "simulated",
                "agent.drivers.graph", "simulated",
                "agent.drivers.volume", "simulated",
                "agent.drivers.network", "simulated"));
        return ServiceRunner.start(NodeAgentApplication.class, new NodeFile(work).below(own));
    }

    private static Node awaitReady(String name) throws InterruptedException {
        Instant limit = Instant.now().plusSeconds(20);
        while (true) {
            for (Node node : near(FleetApi.class).nodes(caller())) {
                if (node.name().equals(name) && node.ready()) {
                    return node;
                }
            }
            assertThat(Instant.now()).isBefore(limit);
            Thread.sleep(50);
        }
    }

    /** container-service, as far as its agents can tell. */
    private static MutualTls containerService() {
        KeyPair keys = SigningRequest.keys();
        CertificateAnswer answer = near(CertificateApi.class)
                .service(caller(), "container", new CertificateRequest(SigningRequest.text(keys)));
        Identity identity = Identity.of(keys.getPrivate(), answer.certificate(), answer.authority());
        return new MutualTls(() -> identity);
    }

    @Test
    void aMachineJoinsAndIsCommandedFromElsewhere() throws Exception {
        Path work = work("joins");
        JoinAnswer answer = join(work, "--token", token(), "--name", "joins", "--listen", "127.0.0.1:" + freePort());
        try (RunningService _ = agent(work)) {
            Node node = awaitReady("joins");
            assertThat(node.id()).isEqualTo(answer.node());
            assertThat(node.agentAddress()).startsWith("https://127.0.0.1:");
            assertThat(node.isSchedulable()).isTrue();
            try (Connections far = new Connections(containerService())) {
                AgentApi api = new Parts(far).client(AgentApi.class, "agent", Address.of(node));
                assertThat(api.highestEpoch(caller())).isZero();
            }
        }
        // It is the same after a restart.
        try (RunningService _ = agent(work)) {
            assertThat(awaitReady("joins").id()).isEqualTo(answer.node());
        }
        assertThatThrownBy(() -> join(work, "--token", token(), "--name", "joins"))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("this machine has joined a fleet already");
    }

    @Test
    void whoJoinsPausedTakesNoContainers() throws Exception {
        Path work = work("idle");
        join(work, "--token", token(), "--name", "idle", "--listen", "127.0.0.1:" + freePort(), "--availability=pause");
        try (RunningService _ = agent(work)) {
            Node node = awaitReady("idle");
            assertThat(node.spec().availability()).isEqualTo(NodeSpec.Availability.PAUSE);
            assertThat(node.isSchedulable()).isFalse();
        }
    }

    @Test
    void whatIsMissingOrWrongIsSaid() throws IOException {
        Path work = work("wrong");
        String token = token();
        for (List<String> wrong : List.of(
                List.of("--server", "127.0.0.1:" + port),
                List.of("--token", token),
                List.of("--token"),
                List.of("--unknown", "x"),
                List.of("--token", token, "--server", ""),
                List.of("--token", token, "--server", "a:1", "--listen", "0.0.0.0:2378"),
                List.of("--token", token, "--server", "a:1", "--address", "http://a:2378"),
                List.of("--token", token, "--server", "a:1", "--availability", "off"),
                List.of("--token-file", work.resolve("none").toString(), "--server", "a:1"))) {
            assertThatThrownBy(() -> JoinOptions.parse(wrong))
                    .as(wrong.toString())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("join: ");
        }
        assertThatThrownBy(() -> JoinOptions.parse(List.of("--token", "nonsense", "--server", "a:1")))
                .isInstanceOf(Failure.Unauthenticated.class)
                .hasMessageContaining("this is no join token");
        assertThatThrownBy(() -> JoinOptions.parse(List.of("--token", token, "--server", "nowhere")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("nowhere");
        int nobody = freePort();
        assertThatThrownBy(() -> new Join(work)
                        .run(JoinOptions.parse(List.of("--token", token, "--server", "127.0.0.1:" + nobody))))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("nobody answers at https://127.0.0.1:" + nobody)
                .hasMessageContaining("listen.fleet");
        assertThat(work.resolve("node.properties")).doesNotExist();
    }

    @Test
    void aRefusalLeavesTheMachineAsItWasAndItJoinsLater() throws Exception {
        Path work = work("refused");
        String forged = token().replaceFirst("[0-9a-f]{64}$", "0".repeat(64));
        assertThatThrownBy(() -> join(work, "--token", forged, "--name", "refused"))
                .isInstanceOf(Failure.Unauthenticated.class)
                .hasMessageContaining("is not known");
        assertThatThrownBy(() -> join(
                        work,
                        "--token",
                        token().replaceFirst("longshore-join-[0-9a-f]{64}", "longshore-join-" + "0".repeat(64)),
                        "--name",
                        "refused"))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("who answers is of another fleet");
        assertThat(work.resolve("node.properties")).doesNotExist();
        assertThat(join(work, "--token", token(), "--name", "refused").node()).isNotNull();
        Path second = work("second");
        assertThatThrownBy(() -> join(second, "--token", token(), "--name", "refused"))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("a node named refused has joined already");
        Path whole = work("whole");
        Files.createDirectory(whole.resolve("postgres"));
        assertThatThrownBy(() -> join(whole, "--token", token(), "--name", "whole"))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("is a fleet of its own");
    }

    @Test
    void aTokenComesFromAFile() throws IOException {
        Path file = Files.writeString(work("with-file").resolve("token"), token() + "\n");
        assertThat(new Join(work("from-file"))
                        .run(JoinOptions.parse(List.of(
                                "--server",
                                "127.0.0.1:" + port,
                                "--name",
                                "from-file",
                                "--token-file",
                                file.toString())))
                        .node())
                .isNotNull();
    }

    @Test
    void keysAreForRootAlone() throws IOException {
        Path work = work("keys-of-a-node");
        join(work, "--token", token(), "--name", "keys");
        try (var files = Files.list(work.resolve("identity"))) {
            assertThat(files)
                    .hasSize(4)
                    .allSatisfy(file -> assertThat(Files.getPosixFilePermissions(file))
                            .containsExactlyInAnyOrder(
                                    java.nio.file.attribute.PosixFilePermission.OWNER_READ,
                                    java.nio.file.attribute.PosixFilePermission.OWNER_WRITE));
        }
        assertThat(Files.readString(work.resolve("node.properties")))
                .contains("services.fleet=https://127.0.0.1:" + port)
                .contains("agent.node-name=keys");
    }
}
