package io.longshore.agent.networkdriver.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.OwnNetwork;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.jna.JnaNftablesLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.netlink.Link;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.agent.linux.netlink.Nftables;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.NetworkDriverContract;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class BridgeNetworkDriverRootIT extends NetworkDriverContract {
    private final Syscalls syscalls = new JnaSyscalls();

    @SuppressWarnings("NullAway.Init")
    private BridgeNetworkDriver driver;

    @SuppressWarnings("NullAway.Init")
    private NetworkNamespace sandbox;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        OwnNetwork.assume();
        driver = BridgeNetworkDriver.open(
                syscalls, JnaNftablesLibrary::open, directory.resolve("network"), "contract", Json.mapper());
        sandbox = NetworkNamespace.create(syscalls, () -> "");
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        OwnNetwork.assume();
        try (NetlinkSocket route = NetlinkSocket.route(syscalls);
                NetlinkSocket netfilter = NetlinkSocket.netfilter(syscalls)) {
            assertThat(Links.list(route)).extracting(Link::name).noneMatch(name -> name.startsWith("ls"));
            assertThat(Nftables.chains(netfilter))
                    .extracting(Nftables.Chain::table)
                    .doesNotContain("contract");
        }
        sandbox.close();
        driver.close();
    }

    @Override
    protected NetworkDriver driver() {
        return driver;
    }

    @Override
    protected NetworkNamespace sandbox() {
        return sandbox;
    }
}
