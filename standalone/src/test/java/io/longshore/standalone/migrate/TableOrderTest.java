package io.longshore.standalone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TableOrderTest {
    @Test
    void whatIsReferredToComesFirst() {
        assertThat(TableOrder.of(
                        List.of("claim", "image", "image_layer", "layer"),
                        Map.of("claim", Set.of("image"), "image_layer", Set.of("image", "layer"))))
                .containsExactly("image", "layer", "claim", "image_layer");
    }

    @Test
    void aCircleIsNamed() {
        assertThatThrownBy(() -> TableOrder.of(List.of("a", "b", "c"), Map.of("b", Set.of("c"), "c", Set.of("b"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[b, c]");
    }
}
