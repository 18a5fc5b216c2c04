package io.longshore.container.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import org.junit.jupiter.api.Test;

class FarPortsTest {
    private static PublishedPort at(int port, String address, int number) {
        return new PublishedPort(port, "tcp", address, number);
    }

    private static Forward asked(Port... ports) {
        return new Forward(ContainerId.random(), 3, "web", "", "192.0.2.2", "", List.of(ports));
    }

    private static Port any(int port, String address) {
        return new Port(port, "tcp", address, 0, 0);
    }

    @Test
    void bothFamiliesAreOnePort() {
        Forward forward = FarPorts.running(
                asked(any(80, ""), any(81, "127.0.0.1")),
                List.of(at(80, "0.0.0.0", 8080), at(80, "::", 8080), at(81, "127.0.0.1", 8081)));
        assertThat(forward.ports())
                .containsExactly(new Port(80, "tcp", "", 8080, 8080), new Port(81, "tcp", "127.0.0.1", 8081, 8081));
        assertThat(FarPorts.everywhere(forward).ports()).containsExactly(new Port(80, "tcp", "", 8080, 8080));
    }

    @Test
    void aNodeSaysNoMoreThanWhichNumbersItChose() {
        List<PublishedPort> said = List.of(
                at(80, "127.0.0.1", 1),
                at(82, "0.0.0.0", 22),
                new PublishedPort(80, "udp", "0.0.0.0", 53),
                at(80, "0.0.0.0", 0),
                at(80, "0.0.0.0", 70_000),
                at(80, "0.0.0.0", 8080),
                at(80, "::", 443),
                at(81, "0.0.0.0", 9000),
                at(81, "::1", 9001));
        assertThat(FarPorts.running(asked(any(80, ""), any(81, "::1")), said).ports())
                .containsExactly(new Port(80, "tcp", "", 8080, 8080), new Port(81, "tcp", "::1", 9001, 9001));
        assertThat(FarPorts.running(asked(new Port(80, "tcp", "", 8000, 8002)), List.of(at(80, "0.0.0.0", 8003)))
                        .ports())
                .as("out of its range")
                .isEmpty();
    }

    @Test
    void anAddressIsTheSameHoweverItIsWritten() {
        assertThat(FarPorts.running(asked(any(80, "0:0:0:0:0:0:0:1")), List.of(at(80, "::1", 8080)))
                        .ports())
                .hasSize(1);
    }

    @Test
    void aFixedPortHasOneNumber() {
        Port one = new Port(80, "tcp", "", 8080, 8080);
        assertThat(FarPorts.fixed(List.of(one, new Port(80, "tcp", "", 8080, 8081), any(80, ""))))
                .containsExactly(one);
    }

    @Test
    void theSamePortTwiceHasTwoNumbers() {
        List<Port> wanted = List.of(new Port(80, "tcp", "", 0, 0), new Port(80, "tcp", "", 0, 0));
        List<PublishedPort> numbers = List.of(
                at(80, "0.0.0.0", 50_000), at(80, "::", 50_000), at(80, "0.0.0.0", 50_001), at(80, "::", 50_001));
        assertThat(FarPorts.exactly(wanted, numbers))
                .containsExactly(new Port(80, "tcp", "", 50_000, 50_000), new Port(80, "tcp", "", 50_001, 50_001));
    }

    @Test
    void aNumberIsThatOfARangeThatHasIt() {
        List<Port> wanted = List.of(new Port(80, "tcp", "", 9000, 9001), new Port(80, "tcp", "", 8000, 8000));
        assertThat(FarPorts.exactly(wanted, List.of(at(80, "0.0.0.0", 8000), at(80, "0.0.0.0", 9001))))
                .containsExactly(new Port(80, "tcp", "", 9001, 9001), new Port(80, "tcp", "", 8000, 8000));
    }

    @Test
    void nodesAgreeOnNumbersWhateverTheirFamilies() {
        assertThat(FarPorts.agree(
                        List.of(at(80, "0.0.0.0", 8080)), List.of(at(80, "0.0.0.0", 8080), at(80, "::", 8080))))
                .isTrue();
        assertThat(FarPorts.agree(List.of(at(80, "0.0.0.0", 8081)), List.of(at(80, "0.0.0.0", 8080))))
                .isFalse();
    }
}
