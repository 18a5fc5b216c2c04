package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.container.placement.Constraint;
import io.longshore.container.placement.Strategy;
import io.longshore.contracts.error.Failure;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementOptionsTest {
    private static PlacementOptions of(String labels, String host) {
        String body = "{'Image':'busybox','Labels':{" + labels + "},'HostConfig':{" + host + "}}";
        return PlacementOptions.of(CreateBody.parse(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void nothingIsWantedByDefault() {
        PlacementOptions options = of("", "");
        assertThat(options.constraints()).isEmpty();
        assertThat(options.strategy()).isNull();
        assertThat(options.reservation().isMeasured()).isFalse();
        assertThat(options.reservation().hostPorts()).isEmpty();
        assertThat(options.volumes()).isEmpty();
        assertThat(options.networks()).isEmpty();
        assertThat(options.binds()).isEmpty();
    }

    @Test
    void whatLabelsSay() {
        PlacementOptions options = of(
                "'io.longshore.placement.constraint':'node.hostname!=tug, node.labels.zone==b',"
                        + "'io.longshore.placement.strategy':'Pack','io.longshore.reservation.cpus':'1.25'",
                "'MemoryReservation':1024");
        assertThat(options.constraints())
                .containsExactly(
                        new Constraint("node.hostname", false, "tug"), new Constraint("node.labels.zone", true, "b"));
        assertThat(options.strategy()).isEqualTo(Strategy.PACK);
        assertThat(options.reservation().cpuNanos()).isEqualTo(1_250_000_000);
        assertThat(options.reservation().memoryBytes()).isEqualTo(1024);
    }

    @Test
    void whatLiesOnNodes() {
        PlacementOptions options = of(
                "",
                "'NetworkMode':'lan','Binds':['data:/a','/srv:/b','data:/c'],"
                        + "'Mounts':[{'Type':'volume','Target':'/d'},{'Type':'bind','Source':'/opt','Target':'/e'}],"
                        + "'PortBindings':{'80/tcp':[{'HostPort':'8080'}],'53/udp':[{'HostPort':'53'},{'HostPort':''}],"
                        + "'81/tcp':[{'HostPort':'9000-9010'}]}");
        assertThat(options.volumes()).containsExactly("data");
        assertThat(options.binds()).containsExactlyInAnyOrder("/srv", "/opt");
        assertThat(options.networks()).containsExactly("lan");
        assertThat(options.reservation().hostPorts()).containsExactly("53/udp", "8080/tcp");
        assertThat(of("", "'NetworkMode':'host'").networks()).isEmpty();
        assertThat(of("", "'NetworkMode':'default'").networks()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "two", "1e30", "0.0000000001", "1000001"})
    void processorsThatAreNoNumberAreRefused(String cpus) {
        assertThatThrownBy(() -> of("'io.longshore.reservation.cpus':'" + cpus + "'", ""))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("label io.longshore.reservation.cpus: \"" + cpus
                        + "\" is no number of processors: write one such as 0.5");
    }
}
