package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.contracts.id.Digest;
import io.longshore.network.address.NetworkProperties;
import io.longshore.network.definition.BridgeOptions;
import io.longshore.network.definition.Network;
import io.longshore.network.definition.NetworkDefinition;
import io.longshore.network.store.MakingLock;
import io.longshore.network.store.NetworkRepository;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The networks that each project has from the beginning: {@code bridge}, {@code host} and {@code none}. Their ids follow from their names, so
 * that whoever comes first may make them. The bridge is there as soon as a node is on which it can be. Thread-safe.
 */
@Component
class Predefined {
    private static final String BRIDGE = "bridge";
    /** Name and driver of those that need nothing on a node. */
    private static final Map<String, String> PLAIN = Map.of("host", "host", "none", "null");

    private static final int ALL = 3;

    private final NetworkRepository repository;
    private final Making making;
    private final MakingLock lock;
    private final NodeNetworks nodes;
    private final String device;
    /** Of each project that was seen, by name. They never change once they are ready. */
    private final Map<String, Map<String, Network>> ready = new ConcurrentHashMap<>();
    /** One at a time in a process: they would only do the same. */
    private final ReentrantLock turn = new ReentrantLock();

    Predefined(
            NetworkRepository repository,
            Making making,
            MakingLock lock,
            NodeNetworks nodes,
            NetworkProperties properties) {
        this.repository = repository;
        this.making = making;
        this.lock = lock;
        this.nodes = nodes;
        this.device = properties.bridgeOrDefault();
    }

    /** One of them, by name or id; null when it is none, or the bridge is not there yet. */
    @Nullable
    Network known(Caller caller, String reference) {
        Map<String, Network> own = reference.equals(BRIDGE) ? ensure(caller) : plain(caller);
        Network named = own.get(reference);
        if (named != null) {
            return named;
        }
        return own.values().stream()
                .filter(network -> network.id().equals(reference))
                .findFirst()
                .orElse(null);
    }

    /** Those that need nothing on a node, and what else is there: nobody who wants no bridge gets one. */
    private Map<String, Network> plain(Caller caller) {
        Map<String, Network> own = ready.computeIfAbsent(caller.project(), project -> new ConcurrentHashMap<>());
        if (own.size() < PLAIN.size()) {
            PLAIN.forEach((name, driver) ->
                    own.computeIfAbsent(name, key -> present(plain(caller.project(), key, driver))));
        }
        return own;
    }

    /** Makes what is missing of a project's; they, by name. */
    Map<String, Network> ensure(Caller caller) {
        Map<String, Network> own = plain(caller);
        if (own.size() == ALL) {
            return own;
        }
        turn.lock();
        try {
            if (!own.containsKey(BRIDGE) && nodes.any(caller)) {
                own.put(BRIDGE, made(caller, bridge(caller.project())));
            }
            return own;
        } finally {
            turn.unlock();
        }
    }

    /** Once it is ready it stays as it is, whichever node comes later and refuses it. */
    private Network made(Caller caller, Network bridge) {
        Network there = present(bridge);
        if (there.state() == Network.State.READY) {
            nodes.spread(caller, there);
            return there;
        }
        return lock.alone(bridge, () -> {
            Network now = present(bridge);
            return now.state() == Network.State.READY ? now : making.finish(caller, now);
        });
    }

    private Network present(Network network) {
        repository.insert(network);
        return repository
                .byId(network.id())
                .orElseThrow(() -> new IllegalStateException("network " + network.name() + " of project "
                        + network.project() + " is not in the database after its insert"));
    }

    private static Network plain(String project, String name, String driver) {
        return new Network(
                id(project, name),
                project,
                name,
                driver,
                Instant.now(),
                Network.State.READY,
                NetworkDefinition.PLAIN,
                List.of(),
                null);
    }

    private Network bridge(String project) {
        String id = id(project, BRIDGE);
        return new Network(
                id,
                project,
                BRIDGE,
                BridgeOptions.DRIVER,
                Instant.now(),
                Network.State.MAKING,
                new NetworkDefinition(
                        false,
                        false,
                        true,
                        false,
                        Map.of(),
                        List.of(),
                        BridgeOptions.ofDefault(project.equals("default") ? device : BridgeOptions.deviceOf(id)),
                        Map.of()),
                List.of(),
                null);
    }

    private static String id(String project, String name) {
        return Digest.of((project + "/" + name).getBytes(StandardCharsets.UTF_8))
                .hex();
    }
}
