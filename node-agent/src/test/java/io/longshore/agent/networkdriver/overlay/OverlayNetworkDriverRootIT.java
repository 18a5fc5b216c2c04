package io.longshore.agent.networkdriver.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.OwnNetwork;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.jna.JnaNftablesLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.netlink.Link;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.NetworkDriverContract;
import io.longshore.agent.networkdriver.bridge.BridgeNetworkDriver;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.NetworkSpec.Overlay;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class OverlayNetworkDriverRootIT extends NetworkDriverContract {
    private final Syscalls syscalls = new JnaSyscalls();

    @SuppressWarnings("NullAway.Init")
    private NetworkDriver bridge;

    @SuppressWarnings("NullAway.Init")
    private NetworkDriver driver;

    @SuppressWarnings("NullAway.Init")
    private NetworkNamespace sandbox;

    @BeforeEach
    void open(@TempDir Path directory) throws IOException {
        OwnNetwork.assume();
        bridge = BridgeNetworkDriver.open(
                syscalls, JnaNftablesLibrary::open, directory.resolve("network"), "contract", Json.mapper());
        driver = OverlayNetworkDriver.open(syscalls, bridge);
        sandbox = NetworkNamespace.create(syscalls, () -> "");
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        OwnNetwork.assume();
        try (NetlinkSocket route = NetlinkSocket.route(syscalls)) {
            assertThat(Links.list(route))
                    .extracting(Link::name)
                    .noneMatch(name -> name.startsWith("ls") || name.startsWith("vx-"));
        }
        sandbox.close();
        driver.close();
        bridge.close();
    }

    @Override
    protected NetworkSpec network(String id, String device, String prefix) {
        NetworkSpec plain = super.network(id, device, prefix);
        return new NetworkSpec(
                id,
                plain.name(),
                "overlay",
                false,
                plain.subnets(),
                plain.bridge(),
                new Overlay(device.hashCode() & 0xffffff, 4789));
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
