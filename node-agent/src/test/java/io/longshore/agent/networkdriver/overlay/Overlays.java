package io.longshore.agent.networkdriver.overlay;

import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.agent.NetworkSpec.Overlay;
import io.longshore.contracts.agent.NetworkSpec.Subnet;
import java.util.List;

/** Overlay networks for tests. */
final class Overlays {
    private Overlays() {}

    static NetworkSpec network(int number, boolean communication, int port) {
        return new NetworkSpec(
                String.format("%012d", number).repeat(6).substring(0, 64),
                "span" + number,
                "overlay",
                false,
                List.of(
                        new Subnet("10.1." + number + ".0/24", "10.1." + number + ".1"),
                        new Subnet("fd01:" + number + "::/64", "fd01:" + number + "::1")),
                new Bridge("brv" + number, false, communication, true, "0.0.0.0", 1450, "eth"),
                new Overlay(5000 + number, port));
    }
}
