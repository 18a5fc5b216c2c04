package io.longshore.container.list;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.container.request.Samples;
import io.longshore.container.state.ContainerRow;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.web.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerFilterTest {
    private static ContainerRow row() {
        CreateRequest complete = Samples.complete(
                Samples.request(
                        "\"Labels\": {\"tier\": \"web\"}, \"ExposedPorts\": {\"8080/tcp\": {}}",
                        "\"Tmpfs\": {\"/scratch\": \"\"}"),
                Samples.image());
        return Samples.row(Samples.ID, Instant.EPOCH, complete);
    }

    private static boolean shows(Map<String, List<String>> filters) {
        Filters parsed = Filters.parse(Json.mapper().writeValueAsString(filters), ContainerFilter.KEYS);
        return ContainerFilter.of(
                        parsed,
                        new ContainerFilter.Resolved(Set.of(Samples.image().id()), null, null))
                .test(row());
    }

    @ParameterizedTest
    @CsvSource({
        "name, misty, true",
        "name, ^/misty_capstan$, true",
        "name, ^misty_capstan$, true",
        "name, calm, false",
        "id, a1a1, true",
        "id, ffff, false",
        "label, tier, true",
        "label, tier=web, true",
        "label, tier=db, false",
        "status, created, true",
        "status, running, false",
        "exited, 0, false",
        "expose, 8080, true",
        "expose, 8000-9000/tcp, true",
        "expose, 8080/udp, false",
        "publish, 8080, false",
        "network, none, true",
        "network, d4d4, true",
        "network, host, false",
        "volume, /scratch, true",
        "volume, /other, false",
        "health, none, true",
        "health, healthy, false",
        "is-task, false, true",
        "is-task, true, false",
        "isolation, default, true",
        "ancestor, busybox, true",
    })
    void oneFilter(String key, String value, boolean shown) {
        assertThat(shows(Map.of(key, List.of(value)))).isEqualTo(shown);
    }

    @Test
    void valuesOfAKeyAreAlternativesAndKeysMustAllMatch() {
        assertThat(shows(Map.of("status", List.of("running", "created")))).isTrue();
        assertThat(shows(Map.of("status", List.of("created"), "name", List.of("calm"))))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"status, lost", "exited, many", "health, fine", "is-task, maybe", "name, '['", "expose, http"})
    void badValueIsNamed(String key, String value) {
        assertThatThrownBy(() -> shows(Map.of(key, List.of(value))))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(value);
    }

    @Test
    void anExpressionThatDoesNotComeToAnEndIsRefused() {
        assertThatThrownBy(() -> shows(Map.of("id", List.of(".*.*.*.*.*.*x"))))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(".*.*.*.*.*.*x");
    }

    @Test
    void publishLooksAtHostPorts() {
        assertThat(ContainerFilter.publishedPorts(Map.of("80/udp", List.of(new HostConfig.PortBinding("", "8080")))))
                .containsExactly("8080/udp");
    }

    @Test
    void whatIsNoPortIsPassedOver() {
        List<PortFilter> filters = List.of(PortFilter.parse("expose", "80"));
        assertThat(PortFilter.anyMatch(filters, List.of("http", "99999/tcp"))).isFalse();
        assertThat(PortFilter.anyMatch(filters, List.of("http", "80/tcp"))).isTrue();
    }
}
