package io.longshore.container.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.sample.SampleNodeInfo;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlacementTest {
    private static Node node(String name, boolean ready, Availability availability) {
        return new Node(
                new NodeId(name),
                name,
                "unix:/run/a.sock",
                Map.of(),
                SampleNodeInfo.of(),
                Instant.EPOCH,
                ready,
                Instant.EPOCH,
                new NodeSpec(1, availability, Map.of(), Instant.EPOCH));
    }

    @Test
    void theFirstThatTakesContainersByName() {
        Node chosen = node("b", true, Availability.ACTIVE);
        Placement placement = Placement.choose(List.of(
                node("c", true, Availability.ACTIVE),
                chosen,
                node("a", true, Availability.PAUSE),
                node("0", false, Availability.ACTIVE)));
        assertThat(placement.node()).isEqualTo(chosen);
        assertThat(placement.reasons())
                .containsExactly(
                        "0 is not ready: last seen 1970-01-01T00:00:00Z",
                        "a takes no new containers: its availability is pause",
                        "b is the first node that takes containers");
    }

    @Test
    void whereNoneDoesItIsSaidWhyOfEach() {
        Placement placement =
                Placement.choose(List.of(node("a", true, Availability.PAUSE), node("b", false, Availability.PAUSE)));
        assertThat(placement.node()).isNull();
        assertThat(placement.explanation())
                .isEqualTo("a takes no new containers: its availability is pause;"
                        + " b is not ready: last seen 1970-01-01T00:00:00Z");
        assertThat(Placement.choose(List.of()).explanation()).isEqualTo("no node has joined");
    }
}
