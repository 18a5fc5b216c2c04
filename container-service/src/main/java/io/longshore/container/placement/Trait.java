package io.longshore.container.placement;

import io.longshore.contracts.fleet.Node;

/** What some nodes have and some containers need. */
public enum Trait {
    /** Other nodes send to its containers: for networks that span nodes. */
    DATA_ADDRESS("no agent.data-address, which a network that spans nodes needs"),
    /** Clients reach the Engine API there: for containers that mount its socket. */
    API_SOCKET("the socket of the API is on another node");

    private final String missing;

    Trait(String missing) {
        this.missing = missing;
    }

    /** Why a node without it will not do. */
    String missing() {
        return missing;
    }

    /** Whether a node has it. */
    public boolean of(Node node) {
        return switch (this) {
            case DATA_ADDRESS -> node.info().dataAddress() != null;
            case API_SOCKET -> node.info().apiSocket() != null;
        };
    }
}
