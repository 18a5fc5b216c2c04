package io.longshore.testworld.network;

import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.NetworkClaim;
import io.longshore.contracts.network.NetworkDescription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A network with two addresses to give out. Thread-safe. */
final class Lan {
    static final String NAME = "lan";

    private static final NetworkSpec SPEC = new NetworkSpec(
            "1a".repeat(32),
            NAME,
            "bridge",
            false,
            List.of(new NetworkSpec.Subnet("10.9.0.0/30", "10.9.0.1")),
            new NetworkSpec.Bridge("br-lan", false, true, true, "0.0.0.0", 0, "eth"));

    private static final List<String> ADDRESSES = List.of("10.9.0.2", "10.9.0.3");

    private final Set<Owner> owners = new LinkedHashSet<>();
    private final Map<String, Owner> leases = new LinkedHashMap<>();
    private boolean removed;

    static NetworkDescription description() {
        return new NetworkDescription(SPEC, false, Instant.EPOCH, Map.of(), new LinkedHashMap<>(Map.of("Name", NAME)));
    }

    synchronized boolean isThere() {
        return !removed;
    }

    synchronized ClaimedEndpoint claim(Owner owner, NetworkClaim.Wanted wanted) {
        if (removed) {
            return ClaimedEndpoint.missing(wanted.network());
        }
        owners.add(owner);
        String address = leases.entrySet().stream()
                .filter(lease -> lease.getValue().equals(owner))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
        if (address == null) {
            address = ADDRESSES.stream()
                    .filter(one -> !leases.containsKey(one))
                    .filter(one -> wanted.ipv4().isEmpty() || wanted.ipv4().equals(one))
                    .findFirst()
                    .orElse(null);
        }
        if (address != null) {
            leases.put(address, owner);
        }
        String none = wanted.ipv4().isEmpty() ? "no available IPv4 addresses" : "Address already in use";
        return new ClaimedEndpoint(
                owner.container().value(),
                SPEC,
                "02:42:0a:09:00:02",
                address == null ? List.of() : List.of(address + "/30"),
                address == null ? none : "");
    }

    synchronized void leave(Owner owner) {
        owners.remove(owner);
        leases.values().removeIf(owner::equals);
    }

    synchronized void move(Owner from, Owner to) {
        if (owners.remove(from)) {
            owners.add(to);
        }
        leases.replaceAll((address, owner) -> owner.equals(from) ? to : owner);
    }

    synchronized boolean isShared(Owner own) {
        return owners.contains(own)
                && owners.stream().anyMatch(owner -> !owner.container().equals(own.container()));
    }

    synchronized void giveBack(List<Owner> idle) {
        leases.values().removeIf(idle::contains);
    }

    synchronized List<Owner> owners(@Nullable String address) {
        if (address == null) {
            return new ArrayList<>(owners);
        }
        Owner holder = leases.get(address);
        return holder == null ? List.of() : List.of(holder);
    }

    synchronized void remove(List<Owner> idle) {
        if (!idle.containsAll(owners)) {
            throw new Failure.Conflict("network lan has active endpoints");
        }
        idle.forEach(this::leave);
        removed = true;
    }

    synchronized void makeAgain() {
        removed = false;
    }
}
