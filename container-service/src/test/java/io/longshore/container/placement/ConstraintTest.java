package io.longshore.container.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.fleet.NodeSpec.Availability;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.sample.SampleNodeInfo;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConstraintTest {
    private static final Node NODE = new Node(
            new NodeId("abc"),
            "ship",
            "unix:/run/a.sock",
            Map.of("disk", "ssd"),
            SampleNodeInfo.of(),
            Instant.EPOCH,
            true,
            Instant.EPOCH,
            new NodeSpec(1, Availability.ACTIVE, Map.of("zone", "b"), Instant.EPOCH));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node.id==abc",
                "node.hostname == SHIP",
                "node.hostname!=boat",
                "node.platform.os==linux",
                "node.platform.arch==x86_64",
                "node.labels.zone==b, node.labels.zone!=a",
                "engine.labels.disk==ssd",
                "node.labels.none!=x"
            })
    void holds(String text) {
        assertThat(Constraint.parse(text)).allMatch(one -> one.holds(NODE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node.id!=abc",
                "node.hostname==boat",
                "node.labels.disk==ssd",
                "engine.labels.zone==b",
                "node.labels.none==x"
            })
    void doesNotHold(String text) {
        assertThat(Constraint.parse(text)).noneMatch(one -> one.holds(NODE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zone==b",
                "node.hostname",
                "node.hostname=ship",
                "node.labels.==b",
                "node.id==a,",
                "node.id== ",
                "node.role==manager"
            })
    void whatIsNoneIsRefusedByName(String text) {
        assertThatThrownBy(() -> Constraint.parse(text))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageStartingWith("invalid constraint \"")
                .hasMessageContaining("node.labels.NAME");
    }

    @Test
    void thereIsABound() {
        assertThatThrownBy(() -> Constraint.parse("node.id!=x,".repeat(32) + "node.id!=x"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("a container can have at most 32 constraints, not 33");
    }
}
