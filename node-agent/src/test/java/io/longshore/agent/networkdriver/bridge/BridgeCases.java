package io.longshore.agent.networkdriver.bridge;

import static io.longshore.agent.networkdriver.bridge.BridgeHost.endpoint;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.OwnNetwork;
import io.longshore.agent.linux.netlink.Link;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.sandbox.Sandboxes;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Cases on a {@link BridgeHost} each, after which nothing is left of it. */
abstract class BridgeCases {
    @SuppressWarnings("NullAway.Init")
    BridgeHost host;

    final List<ContainerId> joined = new ArrayList<>();
    private final List<String> networks = new ArrayList<>();

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        OwnNetwork.assume();
        host = new BridgeHost(directory);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        OwnNetwork.assume();
        joined.forEach(host.sandboxes::leave);
        networks.forEach(host.sandboxes::remove);
        assertThat(host.run.resolve("netns")).isEmptyDirectory();
        assertThat(host.run.resolve("sandboxes")).isEmptyDirectory();
        assertThat(host.directory.resolve("network")).isEmptyDirectory();
        List<Link> left = links();
        for (int i = 0; i < 50 && left.size() > 2; i++) {
            Thread.sleep(100);
            left = links();
        }
        assertThat(left).extracting(Link::name).containsExactlyInAnyOrder("lo", "out0");
        host.close();
    }

    /** Without the devices that modules put into every namespace. */
    private List<Link> links() throws IOException {
        return Links.list(host.route).stream()
                .filter(link -> link.name().matches("lo|out0|ls.*|br.*"))
                .toList();
    }

    final NetworkSpec create(NetworkSpec network) {
        host.sandboxes.create(network);
        networks.add(network.id());
        return network;
    }

    final Sandboxes.Joined join(ContainerId id, NetworkSpec network, int address, Port... ports) {
        joined.add(id);
        return host.sandboxes.join(spec(id, List.of(endpoint(network, address)), ports));
    }

    final ContainerId join(NetworkSpec network, int address, Port... ports) {
        ContainerId id = ContainerId.random();
        join(id, network, address, ports);
        return id;
    }
}
