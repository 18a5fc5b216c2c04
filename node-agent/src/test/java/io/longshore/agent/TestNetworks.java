package io.longshore.agent;

import io.longshore.agent.linux.NativePool;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.NetworkDriver.Place;
import io.longshore.agent.networkdriver.simulated.SimulatedNetworkDriver;
import io.longshore.agent.sandbox.NetworkDrivers;
import io.longshore.agent.sandbox.Sandboxes;
import io.longshore.agent.sandbox.SimulatedNamespaces;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** Sandboxes without a kernel. */
public final class TestNetworks {
    private TestNetworks() {}

    /** With a simulated driver for each of Docker's predefined networks. */
    public static Sandboxes simulated(Path directory) {
        return of(
                directory,
                new SimulatedNetworkDriver("null", Place.ALONE),
                new SimulatedNetworkDriver("host", Place.NODE),
                new SimulatedNetworkDriver("bridge", Place.SANDBOX));
    }

    /** With these drivers. */
    public static Sandboxes of(Path directory, NetworkDriver... drivers) {
        try {
            return new Sandboxes(
                    new NetworkDrivers(List.of(drivers)),
                    new SimulatedNamespaces(),
                    directory.resolve("sandboxes"),
                    Json.mapper(),
                    new NativePool("network", 2, 64));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
