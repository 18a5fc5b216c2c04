package io.longshore.testworld.network;

import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.network.ClaimedEndpoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A network that spans nodes and has as many addresses as anybody asks for here. Thread-safe. */
final class Span {
    static final String NAME = "span";

    private static final NetworkSpec SPEC = new NetworkSpec(
            "2b".repeat(32),
            NAME,
            "overlay",
            false,
            List.of(new NetworkSpec.Subnet("10.8.0.0/24", "10.8.0.1")),
            new NetworkSpec.Bridge("br-span", false, true, true, "0.0.0.0", 1450, "eth"),
            new NetworkSpec.Overlay(4097, 4789));

    private final Map<Owner, Integer> numbers = new LinkedHashMap<>();

    static boolean isMeant(String network) {
        return network.equals(NAME) || network.equals(SPEC.id());
    }

    synchronized void move(Owner from, Owner to) {
        Integer number = numbers.remove(from);
        if (number != null) {
            numbers.put(to, number);
        }
    }

    synchronized ClaimedEndpoint claim(Owner owner) {
        int number = numbers.computeIfAbsent(owner, one -> numbers.size() + 2);
        return new ClaimedEndpoint(
                owner.container().value(),
                SPEC,
                String.format("02:42:0a:08:00:%02x", number),
                List.of("10.8.0." + number + "/24"),
                "");
    }
}
