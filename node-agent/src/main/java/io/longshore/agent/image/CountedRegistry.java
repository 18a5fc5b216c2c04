package io.longshore.agent.image;

import io.longshore.oci.registry.RegistryClient;
import java.util.concurrent.atomic.AtomicInteger;

/** A repository of a registry that several share: its connections are closed when the last share is given back. Thread-safe. */
final class CountedRegistry implements AutoCloseable {
    private final RegistryClient client;
    private final AtomicInteger shares;

    /** The first share. */
    CountedRegistry(RegistryClient client) {
        this(client, new AtomicInteger(1));
    }

    private CountedRegistry(RegistryClient client, AtomicInteger shares) {
        this.client = client;
        this.shares = shares;
    }

    RegistryClient client() {
        return client;
    }

    /** Another share, by somebody who has one. */
    CountedRegistry share() {
        shares.incrementAndGet();
        return new CountedRegistry(client, shares);
    }

    @Override
    public void close() {
        if (shares.decrementAndGet() == 0) {
            client.close();
        }
    }
}
