package io.longshore.agent.networkdriver.bridge;

import static io.longshore.agent.networkdriver.bridge.BridgeHost.network;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.port;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.forward.Forwards;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.ForwardSet;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.agent.Port.Entries;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.web.Json;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ports that lead to a container on another node, which is the namespace outside: what it publishes is a server there. */
class BridgeForwardRootIT extends BridgeCases {
    private static final String NODE = "192.0.2.2";
    private static final String HERE = "192.0.2.1";

    private static Forward forward(ContainerId id, Port... ports) {
        return new Forward(id, 1, "far", "e", NODE, HERE, List.of(ports));
    }

    @Test
    void aPortOfAnotherNodeAnswersFromEverywhere() throws Exception {
        NetworkSpec network = create(network(1));
        ContainerId near = join(network, 2);
        ContainerId far = ContainerId.random();
        assertThat(host.driver.forward(
                        forward(far, port(80, "tcp", "", 8080, 8080), port(53, "udp", "", 5300, 5300)), List.of()))
                .contains(new PublishedPort(80, "tcp", "0.0.0.0", 8080), new PublishedPort(53, "udp", "0.0.0.0", 5300));
        try (NetworkNamespace inNear = host.inside(near);
                ServerSocketChannel _ = Talk.serve(host.outside, 8080);
                DatagramChannel _ = Talk.serveDatagrams(host.outside, 5300)) {
            assertThat(Talk.ask(inNear, HERE, 8080)).as("a container here").isEqualTo(HERE);
            assertThat(Talk.ask(host.outside, HERE, 8080))
                    .as("a machine outside")
                    .isEqualTo(HERE);
            assertThat(Talk.ask(null, HERE, 8080)).as("the node itself").isEqualTo(HERE);
            assertThat(Talk.ask(null, "127.0.0.1", 8080)).as("relayed").isEqualTo(HERE);
            assertThat(Talk.ask(null, "::1", 8080)).as("relayed").isEqualTo(HERE);
            assertThat(Talk.ask(host.outside, "2001:db8::1", 8080))
                    .as("relayed")
                    .isEqualTo(HERE);
            assertThat(Talk.askDatagram(host.outside, HERE, 5300)).isEqualTo(HERE);
            assertThat(Talk.askDatagram(inNear, HERE, 5300)).isEqualTo(HERE);
            assertThat(Talk.askDatagram(null, "127.0.0.1", 5300)).isEqualTo(HERE);
            host.driver.unforward(far);
            assertThat(Talk.ask(host.outside, HERE, 8080)).isEmpty();
            assertThat(Talk.ask(null, "127.0.0.1", 8080)).isEmpty();
            assertThat(Talk.askDatagram(host.outside, HERE, 5300)).isEmpty();
        }
        try (ServerSocket free = new ServerSocket()) {
            free.bind(new InetSocketAddress(8080));
        }
    }

    @Test
    void whatIsPublishedHereAndWhatIsForwardedAreOneConflict() throws Exception {
        NetworkSpec network = create(network(1));
        ContainerId far = ContainerId.random();
        join(network, 2, port(80, "tcp", "", 8080, 8080));
        assertThatThrownBy(() -> host.driver.forward(
                        forward(far, port(81, "tcp", "", 8081, 8081), port(80, "tcp", "", 8080, 8080)), List.of()))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("Bind for 0.0.0.0:8080 failed: port is already allocated");
        host.driver.forward(forward(far, port(81, "tcp", "", 8081, 8081)), List.of());
        assertThatThrownBy(() -> join(network, 3, port(80, "tcp", "", 8081, 8081)))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("Bind for 0.0.0.0:8081 failed: port is already allocated");
        host.driver.unforward(far);
    }

    @Test
    void itGoesOnWithoutTheAgentAndInItsNextLifeAndAfterAFlush() throws Exception {
        ContainerId far = ContainerId.random();
        Forwards forwards = open();
        int number = forwards.take(far, forward(far, port(80, "tcp", "", 0, 0)))
                .getFirst()
                .hostPort();
        try (ServerSocketChannel _ = Talk.serve(host.outside, number)) {
            assertThat(Talk.ask(host.outside, HERE, number))
                    .as("without a network")
                    .isEqualTo(HERE);
            host.die();
            assertThat(Talk.ask(host.outside, HERE, number)).as("translated").isEqualTo(HERE);
            host.begin();
            forwards = open();
            assertThat(Talk.ask(null, "127.0.0.1", number)).as("relayed").isEqualTo(HERE);
            host.nft("delete table inet " + BridgeHost.TABLE + "\n");
            assertThat(Talk.ask(host.outside, HERE, number)).as("at once").isEqualTo(HERE);
            forwards.tell(new ForwardSet(1, 1, List.of()));
            assertThat(Talk.ask(host.outside, HERE, number)).as("given back").isEmpty();
        }
    }

    private Forwards open() throws Exception {
        return new Forwards(host.sandboxes, host.directory.resolve("forwards"), Json.mapper(), System::nanoTime);
    }

    @Test
    void atOneAddressItAnswersThereAndTheOtherNodeToEntriesAlone() throws Exception {
        NetworkSpec network = create(network(1));
        ContainerId far = ContainerId.random();
        host.driver.forward(forward(far, port(80, "tcp", "127.0.0.1", 8080, 8080)), List.of());
        ContainerId id = ContainerId.random();
        Port forEntries = new Port(80, "tcp", "127.0.0.1", 8082, 8082, new Entries(8082, HERE, List.of(NODE)));
        assertThat(join(id, network, 2, forEntries).published())
                .containsExactly(new PublishedPort(80, "tcp", "127.0.0.1", 8082));
        try (NetworkNamespace inside = host.inside(id);
                ServerSocketChannel _ = Talk.serve(inside, 80);
                ServerSocketChannel _ = Talk.serve(host.outside, 8080)) {
            assertThat(Talk.ask(null, "127.0.0.1", 8080)).isEqualTo(HERE);
            assertThat(Talk.ask(null, HERE, 8080)).isEmpty();
            assertThat(Talk.ask(host.outside, HERE, 8080)).isEmpty();
            assertThat(Talk.ask(host.outside, HERE, 8082)).as("an entry").isNotEmpty();
            assertThat(Talk.ask(null, HERE, 8082)).as("somebody else").isEmpty();
            assertThat(Talk.ask(null, "127.0.0.1", 8082)).isEmpty();
        }
        host.driver.unforward(far);
    }

    @Test
    void whatIsForThisNodeAloneNoContainerReaches() throws Exception {
        NetworkSpec network = create(network(1));
        ContainerId near = join(network, 2);
        ContainerId far = ContainerId.random();
        ContainerId second = ContainerId.random();
        try (NetworkNamespace inNear = host.inside(near);
                ServerSocketChannel _ = Talk.serve(host.outside, 8080);
                DatagramChannel _ = Talk.serveDatagrams(host.outside, 5300)) {
            assertThat(Talk.ask(inNear, NODE, 8080))
                    .as("with this node's address")
                    .isEqualTo(HERE);
            host.driver.forward(
                    forward(far, port(80, "tcp", "127.0.0.1", 8080, 8080), port(53, "udp", "127.0.0.1", 5300, 5300)),
                    List.of());
            host.driver.forward(forward(second, port(80, "tcp", HERE, 8080, 8080)), List.of());
            host.driver.unforward(second);
            assertThat(Talk.ask(null, "127.0.0.1", 8080)).isEqualTo(HERE);
            assertThat(Talk.askDatagram(null, "127.0.0.1", 5300)).isEqualTo(HERE);
            assertThat(Talk.ask(inNear, NODE, 8080)).as("a container here").isEmpty();
            assertThat(Talk.askDatagram(inNear, NODE, 5300)).isEmpty();
            host.nft("delete table inet " + BridgeHost.TABLE + "\n");
            for (int i = 0; i < 50 && !Talk.ask(inNear, NODE, 8080).isEmpty(); i++) {
                Thread.sleep(100);
            }
            assertThat(Talk.ask(inNear, NODE, 8080)).as("after a flush").isEmpty();
            assertThat(Talk.ask(null, "127.0.0.1", 8080)).isEqualTo(HERE);
            host.driver.unforward(far);
            assertThat(Talk.ask(inNear, NODE, 8080)).as("nobody's any more").isEqualTo(HERE);
        }
    }

    @Test
    void whatIsForwardedGoesToAnotherMachine() {
        for (String here : List.of("127.0.0.1", "0.0.0.0", "::1", "224.0.0.1", HERE)) {
            ContainerId far = ContainerId.random();
            Forward wanted = new Forward(far, 1, "far", "e", here, HERE, List.of(port(80, "tcp", "", 8080, 8080)));
            assertThatThrownBy(() -> host.driver.forward(wanted, List.of()))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining(here + ": that is no address of another machine");
        }
    }

    @Test
    void theNumberOfTheEntriesIsTakenIfItIsFree() throws Exception {
        NetworkSpec network = create(network(1));
        Entries entries = new Entries(45_678, HERE, List.of(NODE));
        Port any = new Port(80, "tcp", "", 0, 0, entries);
        assertThat(join(ContainerId.random(), network, 2, any).published())
                .extracting(PublishedPort::hostPort)
                .containsOnly(45_678);
        assertThat(join(ContainerId.random(), network, 3, any).published())
                .extracting(PublishedPort::hostPort)
                .doesNotContain(45_678, 0);
    }
}
