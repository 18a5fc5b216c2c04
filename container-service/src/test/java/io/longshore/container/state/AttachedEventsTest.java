package io.longshore.container.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.longshore.container.request.Samples;
import io.longshore.platform.data.NewEvent;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttachedEventsTest {
    private static List<NewEvent> of(String action) {
        ContainerRow row = ObservationTest.row();
        return AttachedEvents.of(row, List.of(EventDraft.of(row, action)));
    }

    @Test
    void theNetworkIsConnectedBeforeTheStartAndLetGoAfterTheEnd() {
        assertThat(of("start"))
                .extracting(NewEvent::type, NewEvent::action)
                .containsExactly(tuple("network", "connect"), tuple("container", "start"));
        assertThat(of("die"))
                .extracting(NewEvent::type, NewEvent::action)
                .containsExactly(tuple("container", "die"), tuple("network", "disconnect"));
        assertThat(of("start").getFirst())
                .isEqualTo(new NewEvent(
                        "default",
                        "network",
                        "connect",
                        "d4".repeat(32),
                        Map.of("container", Samples.ID.value(), "name", "none", "type", "null")));
    }

    @Test
    void otherEventsAreAlone() {
        for (String action : List.of("create", "kill", "stop", "rename", "destroy", "oom")) {
            assertThat(of(action)).extracting(NewEvent::action).containsExactly(action);
        }
    }
}
