package io.longshore.versions;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentForwardApi;
import io.longshore.contracts.agent.ForwardRelease;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.engine.LongshoreVersion;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.echo.EchoApplication;
import io.longshore.platform.sample.SampleNodeInfo;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.platform.telemetry.Trace;
import io.longshore.platform.web.HttpStatuses;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent that does not have what it is asked for: here one that has nothing of an agent at all. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class PeerIT {
    private static final ContainerId CONTAINER = ContainerId.parse("c".repeat(64));

    @TempDir
    static Path directory;

    private static RunningService service;

    @BeforeAll
    static void start() {
        service = ServiceRunner.start(EchoApplication.class, Settings.of(Map.of("run.directory", directory + "/run")));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static Caller caller() {
        return new Caller("tester", "default", Instant.now().plusSeconds(10), Trace.newId());
    }

    private static Node node(NodeInfo info) {
        return new Node(
                NodeId.parse("id-of-hulk"), "hulk", "unix:" + service.socket(), Map.of(), info, Instant.now(), true);
    }

    @Test
    void whatItDoesNotHaveIsRefusedWithItsNameAndVersion() throws IOException {
        try (Connections connections = new Connections()) {
            AgentForwardApi agent = new Parts(connections)
                    .agent(AgentForwardApi.class, () -> node(SampleNodeInfo.of().version("0.0.9")));
            assertThatThrownBy(() -> agent.release(caller(), CONTAINER, new ForwardRelease(1, 1)))
                    .isInstanceOf(Failure.NotImplemented.class)
                    .hasMessage("agent of node hulk (Longshore 0.0.9) does not have POST /agent/forwards/" + CONTAINER
                            + "/release: upgrade it to Longshore " + LongshoreVersion.own());
        }
    }

    @Test
    void oneThatDoesNotSayItsVersionIsRefusedByItsName() throws IOException {
        try (Connections connections = new Connections()) {
            AgentForwardApi agent =
                    new Parts(connections).agent(AgentForwardApi.class, () -> node(SampleNodeInfo.of()));
            assertThatThrownBy(() -> agent.release(caller(), CONTAINER, new ForwardRelease(1, 1)))
                    .isInstanceOf(Failure.NotImplemented.class)
                    .hasMessageStartingWith("agent of node hulk does not have POST /agent/forwards/");
        }
    }

    /** Then it is no upgrade that it lacks. */
    @Test
    void oneOfOurVersionSaysItAsItIs() throws IOException {
        try (Connections connections = new Connections()) {
            AgentForwardApi agent = new Parts(connections)
                    .agent(AgentForwardApi.class, () -> node(SampleNodeInfo.of().version(LongshoreVersion.own())));
            assertThatThrownBy(() -> agent.release(caller(), CONTAINER, new ForwardRelease(1, 1)))
                    .isInstanceOf(Failure.NotFound.class)
                    .hasMessage(HttpStatuses.NO_SUCH_PAGE);
        }
    }

    /** It is known already who was called. */
    @Test
    void aNodeIsAskedForOnceForAStream() {
        AtomicInteger asked = new AtomicInteger();
        StreamClient agent = StreamClient.agent(
                () -> {
                    if (asked.incrementAndGet() > 1) {
                        throw new Failure.Unavailable("fleet-service is away");
                    }
                    return node(SampleNodeInfo.of());
                },
                MutualTls.none());
        assertThatThrownBy(
                        () -> agent.duplex(caller(), StreamRequest.get("/count").query("bytes", 1)))
                .isInstanceOf(Failure.Internal.class)
                .hasMessage("agent of node hulk answered /count?bytes=1 without the upgrade to a stream both ways");
    }

    @Test
    void aStreamThatItDoesNotHaveIsRefusedAlike() {
        StreamClient agent = StreamClient.agent(() -> node(SampleNodeInfo.of().version("0.0.9")), MutualTls.none());
        assertThatThrownBy(() ->
                        agent.download(caller(), StreamRequest.get("/agent/new").query("bytes", 1)))
                .isInstanceOf(Failure.NotImplemented.class)
                .hasMessageStartingWith(
                        "agent of node hulk (Longshore 0.0.9) does not have GET /agent/new: upgrade it");
    }
}
