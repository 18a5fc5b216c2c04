package io.longshore.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.HostConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class JsonTest {
    private static ContainerConfig config(String json) {
        return Json.mapper().readValue(json, ContainerConfig.class);
    }

    private static HostConfig host(String json) {
        return Json.mapper().readValue(json, HostConfig.class);
    }

    @Test
    void nullElementsAreTheZeroValueAsInGo() {
        assertThat(config("{\"Env\":[\"a=b\",null]}").env()).containsExactly("a=b", "");
        assertThat(config("{\"Cmd\":[null]}").command()).containsExactly("");
        assertThat(config("{\"Labels\":{\"a\":null}}").labels()).isEqualTo(Map.of("a", ""));
        assertThat(config("{\"ExposedPorts\":{\"80/tcp\":null}}").exposedPorts())
                .isEqualTo(Map.of("80/tcp", Map.of()));
        assertThat(host("{\"ConsoleSize\":[null,80]}").consoleSize()).containsExactly(0, 80);
        assertThat(host("{\"LogConfig\":{\"Config\":{\"max-size\":null}}}").logConfig())
                .isEqualTo(new HostConfig.LogConfig(null, Map.of("max-size", "")));
        assertThat(host("{\"DeviceRequests\":[null]}").deviceRequests()).isEqualTo(List.of(Map.of()));
    }

    @Test
    void nullAmongObjectsIsRefusedByName() {
        for (String name : List.of("Mounts", "Devices", "Ulimits", "BlkioWeightDevice")) {
            assertThatThrownBy(() -> host("{\"" + name + "\":[null]}"))
                    .isInstanceOfSatisfying(
                            JacksonException.class,
                            e -> assertThat(Json.problem(e)).containsIgnoringCase(name));
        }
    }

    @Test
    void nullStaysWhereTheContractHasAMeaningForIt() {
        assertThat(host("{\"PortBindings\":{\"80/tcp\":null}}").portBindings()).containsEntry("80/tcp", null);
        assertThat(config("{\"Env\":null,\"Healthcheck\":null}").env()).isNull();
    }
}
