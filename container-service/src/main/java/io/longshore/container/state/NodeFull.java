package io.longshore.container.state;

/** A node does not have, or no longer has, what a new container wants to reserve there: another one is to be tried. */
public final class NodeFull extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean ports;

    NodeFull(String message, boolean ports) {
        super(message, null, false, false);
        this.ports = ports;
    }

    /** Whether it is only that another container names one of the ports. */
    public boolean isOfPorts() {
        return ports;
    }
}
