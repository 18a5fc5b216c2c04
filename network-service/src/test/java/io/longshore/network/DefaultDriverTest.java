package io.longshore.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.network.address.NetworkProperties;
import io.longshore.network.definition.NetworkDefinition;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DefaultDriverTest {
    private static String driver(@Nullable String configured, String... addresses) {
        NetworkProperties properties = new NetworkProperties(null, null, null, null, configured);
        return DefaultDriver.choose(NetworkDefinition.PLAIN, properties.defaultDriver(), List.of(addresses))
                .driver();
    }

    @Test
    void whatReachesAllNodesUnlessAnOperatorSaysOtherwise() {
        assertThat(driver(null)).isEqualTo("bridge");
        assertThat(driver(null, "192.0.2.1")).isEqualTo("bridge");
        assertThat(driver(null, "192.0.2.1", "192.0.2.2")).isEqualTo("overlay");
        assertThat(driver("bridge", "192.0.2.1", "192.0.2.2")).isEqualTo("bridge");
        assertThat(driver("overlay")).isEqualTo("overlay");
        assertThatThrownBy(() -> driver("macvlan"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("network.default-driver: \"macvlan\" is none of [bridge, overlay]");
    }
}
