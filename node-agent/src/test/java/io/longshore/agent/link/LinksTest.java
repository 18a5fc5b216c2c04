package io.longshore.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.Specs;
import io.longshore.agent.etc.HostsFile;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Network;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.LinkSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LinksTest {
    private final Map<ContainerId, Links.Neighbour> known = new HashMap<>();
    private final List<ContainerId> relinked = new ArrayList<>();
    private final Links links = new Links(new Links.Neighbours() {
        @Override
        public Links.@Nullable Neighbour find(ContainerId id) {
            return known.get(id);
        }

        @Override
        public void relink(ContainerId started) {
            relinked.add(started);
        }
    });

    private static ContainerSpec on(boolean predefined, String address) {
        var bridge = new NetworkSpec.Bridge("br0", predefined, true, true, "0.0.0.0", 0, "eth");
        var network = new NetworkSpec("0".repeat(64), "bridge", "bridge", false, List.of(), bridge);
        var endpoint = new EndpointSpec("1".repeat(64), network, "", List.of(address), List.of(), List.of(), 0);
        return Specs.of(List.of(), "true").spec(ContainerId.random()).network(Network.of(endpoint));
    }

    private ContainerSpec linkedTo(LinkSpec... some) {
        ContainerSpec spec = on(true, "172.17.0.9/16");
        return spec.network(spec.network().links(List.of(some)));
    }

    private LinkSpec link(ContainerSpec other, boolean running, String alias, String... ports) {
        known.put(other.id(), new Links.Neighbour(other, running));
        return new LinkSpec(
                other.id(), alias, "web", List.of("COLOUR=red", "HOME=/x", "PATH=/bin", "BARE"), List.of(ports));
    }

    @Test
    void eachPortAndVariableIsTold() {
        ContainerSpec spec = linkedTo(link(on(true, "172.17.0.2/16"), true, "my-db", "53/udp", "80/tcp"));
        ContainerSpec told = links.told(spec);
        assertThat(told.process().environment())
                .containsAll(spec.process().environment())
                .contains(
                        "MY_DB_PORT=udp://172.17.0.2:53",
                        "MY_DB_PORT_80_TCP=tcp://172.17.0.2:80",
                        "MY_DB_PORT_80_TCP_ADDR=172.17.0.2",
                        "MY_DB_PORT_80_TCP_PORT=80",
                        "MY_DB_PORT_80_TCP_PROTO=tcp",
                        "MY_DB_PORT_53_UDP=udp://172.17.0.2:53",
                        "MY_DB_NAME=/" + spec.name() + "/my-db",
                        "MY_DB_ENV_COLOUR=red")
                .noneMatch(line -> line.contains("ENV_HOME") || line.contains("ENV_PATH") || line.contains("BARE"))
                .noneMatch(line -> line.contains("_START"));
    }

    @Test
    void threePortsInARowAreARange() {
        ContainerSpec spec =
                linkedTo(link(on(true, "172.17.0.2/16"), true, "db", "82/tcp", "80/tcp", "81/tcp", "90/tcp"));
        assertThat(links.told(spec).process().environment())
                .contains(
                        "DB_PORT_80_TCP_START=tcp://172.17.0.2:80",
                        "DB_PORT_80_TCP_PORT_START=80",
                        "DB_PORT_80_TCP_END=tcp://172.17.0.2:82",
                        "DB_PORT_80_TCP_PORT_END=82");
    }

    @Test
    void whatTheContainerIsConfiguredWithStands() {
        ContainerSpec spec = linkedTo(link(on(true, "172.17.0.2/16"), true, "db"));
        ContainerSpec own = spec.process(
                LinksTest.environment(spec, "DB_NAME=mine"), spec.security().capabilities());
        assertThat(links.told(own).process().environment().stream().filter(line -> line.startsWith("DB_NAME=")))
                .containsExactly("DB_NAME=mine");
    }

    private static ContainerSpec.ContainerProcess environment(ContainerSpec spec, String variable) {
        ContainerSpec.ContainerProcess process = spec.process();
        return new ContainerSpec.ContainerProcess(
                process.arguments(), List.of(variable), "", List.of(), "/", false, false, false, 0, List.of(), false);
    }

    @Test
    void oneThatDoesNotRunIsNoneAndAnotherNetworkNeither() {
        LinkSpec stopped = link(on(true, "172.17.0.2/16"), false, "db");
        ContainerSpec spec = linkedTo(stopped);
        assertThatThrownBy(() -> links.required(spec))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessage("Cannot link to a non running container: /web AS /" + spec.name() + "/db");
        assertThat(links.present(spec)).isEmpty();
        LinkSpec elsewhere = link(on(false, "10.1.0.2/16"), true, "db");
        assertThatThrownBy(() -> links.required(linkedTo(elsewhere)))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessage("container " + elsewhere.container() + " not attached to default bridge network");
        assertThat(links.present(linkedTo(elsewhere))).isEmpty();
    }

    @Test
    void oneThatIsGoneIsNoLink() {
        LinkSpec gone = new LinkSpec(ContainerId.random(), "db", "web", List.of(), List.of());
        assertThat(links.required(linkedTo(gone))).isEmpty();
    }

    @Test
    void waitsForThoseThatDoNotRunYetButNotForEver() throws InterruptedException {
        ContainerSpec other = on(true, "172.17.0.2/16");
        ContainerSpec spec = linkedTo(link(other, false, "db"));
        long begun = System.nanoTime();
        links.await(spec, Duration.ofMillis(120));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofMillis(120));
        link(other, true, "db");
        begun = System.nanoTime();
        links.await(spec, Duration.ofMinutes(1));
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
    }

    @Test
    void hostsHaveAliasHostNameAndName() {
        ContainerSpec other = on(true, "172.17.0.2/16");
        ContainerSpec spec = linkedTo(link(other, true, "db"));
        String line = Links.hosts(links.present(spec)).stream()
                .map(entry -> entry.address() + " " + entry.names())
                .findFirst()
                .orElseThrow();
        assertThat(line).isEqualTo("172.17.0.2 db " + other.hostname() + " web");
        String file = "127.0.0.1\tlocalhost\n172.17.0.7\tdb " + other.hostname() + " web\n";
        assertThat(HostsFile.withoutNames(file, Links.hosts(links.present(spec))))
                .isEqualTo("127.0.0.1\tlocalhost\n");
    }

    @Test
    void aStartIsTold() {
        ContainerId id = ContainerId.random();
        links.started(id);
        assertThat(relinked).containsExactly(id);
    }
}
