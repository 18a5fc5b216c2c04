package io.longshore.agent.networkdriver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.agent.NetworkSpec.Subnet;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every network driver does whose endpoints are in sandboxes. */
public abstract class NetworkDriverContract {
    private final NetworkSpec first = network("c".repeat(64), "lsc1", "10.91.0");

    /** The driver to be tested. */
    protected abstract NetworkDriver driver();

    /** A sandbox; null for a driver that needs none. */
    protected abstract @Nullable NetworkNamespace sandbox();

    /** A network for tests. */
    protected NetworkSpec network(String id, String device, String prefix) {
        return new NetworkSpec(
                id,
                "net-" + device,
                "bridge",
                false,
                List.of(new Subnet(prefix + ".0/24", prefix + ".1")),
                new Bridge(device, false, true, true, "0.0.0.0", 0, "eth"));
    }

    private Endpoint endpoint(NetworkSpec network, int address, String inside) {
        String range = network.subnets().getFirst().range();
        String prefix = range.substring(0, range.lastIndexOf('.'));
        EndpointSpec spec = new EndpointSpec(
                String.format("%064x", address),
                network,
                "",
                List.of(prefix + "." + address + "/24"),
                List.of(),
                List.of(),
                0);
        return new Endpoint(ContainerId.random(), spec, inside, Endpoint.OUTSIDE + "contract" + address, sandbox());
    }

    @Test
    void everyVerbMayBeRepeated() {
        NetworkDriver driver = driver();
        driver.create(first);
        driver.create(first);
        Endpoint endpoint = endpoint(first, 2, "eth0");
        driver.join(endpoint);
        driver.join(endpoint);
        driver.leave(endpoint);
        driver.leave(endpoint);
        driver.unpublish(endpoint.container());
        driver.remove(first.id());
        driver.remove(first.id());
    }

    @Test
    void aNetworkThatIsNotThereCannotBeJoined() {
        assertThatThrownBy(() -> driver().join(endpoint(first, 2, "eth0"))).isInstanceOf(Failure.NotFound.class);
    }

    @Test
    void oneDeviceIsOneNetworks() {
        driver().create(first);
        assertThatThrownBy(() -> driver().create(network("d".repeat(64), "lsc1", "10.92.0")))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("networks have same bridge name");
        driver().remove(first.id());
    }

    @Test
    void aSandboxHasSeveralEndpoints() {
        NetworkSpec second = network("e".repeat(64), "lsc2", "10.93.0");
        driver().create(first);
        driver().create(second);
        Endpoint one = endpoint(first, 2, "eth0");
        Endpoint two = endpoint(second, 3, "eth1");
        driver().join(one);
        driver().join(two);
        driver().leave(one);
        driver().leave(two);
        driver().remove(first.id());
        driver().remove(second.id());
    }

    @Test
    void portsArePublishedOnceAndTheSameAgain() {
        driver().create(first);
        Endpoint one = endpoint(first, 2, "eth0");
        Endpoint two = endpoint(first, 3, "eth1");
        driver().join(one);
        driver().join(two);
        List<Port> range = List.of(new Port(80, "tcp", "", 18080, 18081));
        assertThat(driver().publish(new Publication("one", one, range, List.of())))
                .containsExactly(
                        new PublishedPort(80, "tcp", "0.0.0.0", 18080), new PublishedPort(80, "tcp", "::", 18080));
        List<PublishedPort> second = driver().publish(new Publication("two", two, range, List.of()));
        assertThat(second).extracting(PublishedPort::hostPort).containsOnly(18081);
        driver().unpublish(one.container());
        assertThat(driver().publish(new Publication("two", two, range, second))).isEqualTo(second);
        List<Port> taken = List.of(new Port(80, "tcp", "", 18081, 18081));
        assertThatThrownBy(() -> driver().publish(new Publication("one", one, taken, List.of())))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageEndingWith("Bind for 0.0.0.0:18081 failed: port is already allocated");
        driver().unpublish(two.container());
        driver().leave(one);
        driver().leave(two);
        driver().remove(first.id());
    }
}
