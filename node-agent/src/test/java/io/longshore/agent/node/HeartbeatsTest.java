package io.longshore.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.NodeId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeartbeatsTest {
    private static final NodeId NODE = NodeId.parse("n1");

    private final BlockingQueue<Heartbeat> taken = new LinkedBlockingQueue<>();

    @TempDir
    private Path work;

    @Test
    void theFirstComesAtOnceAndAFailureEndsNothing() throws Exception {
        NodeFacts facts = new NodeFacts(
                work,
                new NodeFacts.Fittings(
                        "overlay2",
                        List.of("host", "null"),
                        () -> List.of("local"),
                        List.of("longshore"),
                        AppArmor.NONE,
                        work.resolve("longshore.sock")),
                List::of);
        var fleet = new FailingOnce();
        try (Heartbeats heartbeats = new Heartbeats(
                fleet,
                NODE,
                () -> new Heartbeat("host", "unix:/agent.sock", "boot", Map.of("disk", "fast"), facts.info()))) {
            heartbeats.start();
            assertThat(fleet.calls.poll(2, TimeUnit.SECONDS)).isEqualTo(NODE);
            Heartbeat second = taken.poll(10, TimeUnit.SECONDS);
            assertThat(second).isNotNull();
            assertThat(second.labels()).containsEntry("disk", "fast");
            assertThat(second.info().cpus()).isPositive();
            assertThat(second.info().memoryBytes()).isGreaterThan(64L << 20);
            assertThat(second.info().kernelVersion()).matches("\\d+\\.\\d+.*");
            assertThat(second.info().operatingSystem()).isNotEmpty();
            assertThat(second.info().architecture()).isIn("x86_64", "aarch64");
            assertThat(second.info().defaultRuntime()).isEqualTo("longshore");
        }
    }

    @Test
    void identityIsMadeOnceAndKept() {
        NodeId made = NodeIdentity.of(work.resolve("node-id"), null);
        assertThat(NodeIdentity.of(work.resolve("node-id"), null)).isEqualTo(made);
    }

    private final class FailingOnce implements FleetApi {
        private final BlockingQueue<NodeId> calls = new LinkedBlockingQueue<>();
        private final AtomicBoolean failed = new AtomicBoolean();

        @Override
        public void heartbeat(Caller caller, NodeId id, Heartbeat heartbeat) {
            boolean first = !failed.getAndSet(true);
            if (first) {
                calls.add(id);
                throw new Failure.Unavailable("fleet is away");
            }
            taken.add(heartbeat);
        }

        @Override
        public List<Node> nodes(Caller caller) {
            return List.of();
        }
    }
}
