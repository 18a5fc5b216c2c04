package io.longshore.agent.networkdriver.overlay;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.netlink.Link;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.agent.NetworkSpec.Overlay;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The interfaces by which a node's bridges send to other nodes. Stateless and thread-safe. */
final class Tunnels {
    private static final String PREFIX = "vx-";
    private static final int OF_ID = 12;
    /** So that whoever finds the device knows whose it is, and how it was made. */
    private static final String MARK = "longshore network ";

    private static final Path RULES = Path.of("/proc/sys/net/bridge/bridge-nf-call-iptables");

    private final NetlinkSocket route;

    Tunnels(NetlinkSocket route) {
        this.route = route;
    }

    /** What the tunnel of a network is called. */
    static String device(String network) {
        return PREFIX + network.substring(0, Math.min(OF_ID, network.length()));
    }

    private static String mark(NetworkSpec network) {
        Overlay overlay = network.overlayOptions();
        return MARK + network.id() + " vni " + overlay.vni() + " port " + overlay.port();
    }

    /**
     * Makes a network's tunnel, or what it lacks; its bridge is there. The index of its interface. {@code Conflict} when somebody else has a
     * tunnel of that number, or the port.
     */
    int make(NetworkSpec network) throws IOException {
        String name = device(network.id());
        Optional<Link> present = Links.find(route, name);
        if (present.isPresent() && !present.get().alias().equals(mark(network))) {
            if (!present.get().alias().startsWith(MARK + network.id())) {
                throw new Failure.Conflict("cannot create network " + network.id()
                        + ": the node has a network interface " + name + " already; remove it");
            }
            route.execute(List.of(Links.delete(name)), Errno.ENODEV);
            present = Optional.empty();
        }
        Bridge bridge = network.bridgeOptions();
        int master = Links.find(route, bridge.device())
                .orElseThrow(() -> new IOException("interface " + bridge.device() + " is gone"))
                .index();
        if (present.isEmpty()) {
            add(network, name, bridge.mtu());
        }
        // Without br_netfilter no packet between ports comes by the rules: then containers that may not talk are kept
        // apart from those elsewhere as from those here.
        boolean isolated = !bridge.communication() && !bridgeCallsRules();
        try {
            route.execute(List.of(Links.port(name, master), Links.tunnelling(name, isolated)));
        } catch (ErrnoException e) {
            remove(network.id());
            if (e.is(Errno.EADDRINUSE)) {
                throw taken(network, e);
            }
            throw e;
        }
        return Links.find(route, name)
                .orElseThrow(() -> new IOException("interface " + name + " is gone"))
                .index();
    }

    private void add(NetworkSpec network, String name, int mtu) throws IOException {
        Overlay overlay = network.overlayOptions();
        try {
            route.execute(List.of(Links.vxlan(name, mtu, overlay.vni(), overlay.port())));
        } catch (ErrnoException e) {
            if (e.is(Errno.EEXIST)) {
                throw taken(network, e);
            }
            throw e;
        }
        route.execute(List.of(Links.alias(name, mark(network))));
    }

    private static Failure.Conflict taken(NetworkSpec network, ErrnoException e) {
        Overlay overlay = network.overlayOptions();
        return new Failure.Conflict(
                "cannot create network " + network.name() + ": something else on this node uses UDP port "
                        + overlay.port() + " or the VXLAN of number " + overlay.vni()
                        + " on it; set network.overlay.port to another",
                e);
    }

    private static boolean bridgeCallsRules() {
        try {
            return Files.readString(RULES).startsWith("1");
        } catch (IOException e) {
            return false; // The module is not loaded.
        }
    }

    /** Removes a network's tunnel. No error when there is none; another interface of that name stays. */
    void remove(String network) throws IOException {
        String name = device(network);
        Optional<Link> present = Links.find(route, name);
        if (present.isPresent() && present.get().alias().startsWith(MARK + network)) {
            route.execute(List.of(Links.delete(name)), Errno.ENODEV);
        }
    }

    /** The network of each tunnel that we made. */
    List<String> networks() throws IOException {
        return Links.list(route).stream()
                .filter(link -> link.name().startsWith(PREFIX) && link.alias().startsWith(MARK))
                .map(link -> link.alias().substring(MARK.length()))
                .map(rest -> rest.substring(0, Math.max(0, rest.indexOf(' '))))
                .filter(id -> !id.isEmpty())
                .toList();
    }
}
