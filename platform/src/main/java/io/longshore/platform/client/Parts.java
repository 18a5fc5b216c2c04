package io.longshore.platform.client;

import io.longshore.contracts.fleet.Node;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.convert.ConversionService;
import org.springframework.format.support.DefaultFormattingConversionService;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

/** Makes clients of contract interfaces. Thread-safe. */
public final class Parts {
    /** One for all: it takes 60 KB, and a fleet's agents have several clients each. */
    private static final ConversionService CONVERSIONS = new DefaultFormattingConversionService();

    private final Connections connections;
    private final @Nullable ColocatedParts colocated;

    /** Clients that call every part over HTTP. */
    public Parts(Connections connections) {
        this.connections = connections;
        this.colocated = null;
    }

    /** Clients that call {@code colocated} without HTTP. */
    public Parts(Connections connections, ColocatedParts colocated) {
        this.connections = connections;
        this.colocated = colocated;
    }

    /**
     * A client of the part at a fixed address. Each call ends by the caller's deadline; failures come back with their kind, and a part
     * that does not answer is {@code UNAVAILABLE} with its name and address, one of an earlier version that does not have the call
     * {@code NOT_IMPLEMENTED}. Never call it inside a transaction.
     *
     * @param part the part's name, for messages
     */
    public <T> T client(Class<T> contract, String part, Address address) {
        return client(contract, part, Replicas.of(address));
    }

    /** As above, of a part that may have several replicas. */
    public <T> T client(Class<T> contract, String part, Replicas replicas) {
        Peer peer = new Peer(part, replicas);
        return make(contract, () -> peer);
    }

    /** As above, of the agent of a node, which is asked for at each call. */
    public <T> T agent(Class<T> contract, Supplier<Node> node) {
        return make(contract, () -> Peer.agent(node.get()));
    }

    private <T> T make(Class<T> contract, Supplier<Peer> peer) {
        T far = HttpServiceProxyFactory.builderFor(new ContractCalls(connections, peer))
                .customArgumentResolver(new CallerParameter())
                .conversionService(CONVERSIONS)
                .build()
                .createClient(contract);
        return colocated == null
                ? far
                : NearOrFar.of(contract, colocated, () -> peer.get().replicas(), far);
    }
}
