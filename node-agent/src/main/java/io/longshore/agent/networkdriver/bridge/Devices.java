package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.netlink.Addresses;
import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.linux.netlink.Link;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.Message;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.agent.linux.netlink.Routes;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.agent.NetworkSpec.Subnet;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Linux bridges themselves. Stateless and thread-safe. */
final class Devices {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);
    private static final SecureRandom DICE = new SecureRandom();
    /** As Docker Engine gives it to bridges. */
    private static final String LINK_LOCAL = "fe80::1/64";

    private static final Path SYSCTL = Path.of("/proc/sys/net");
    /** So that whoever finds the device knows whose it is. */
    private static final String MARK = "longshore network ";
    /** The kernel takes a device out of its lists at once, and waits for who still looks at it afterwards. */
    private static final Duration GOING = Duration.ofSeconds(5);

    private final Syscalls syscalls;
    private final NetlinkSocket route;

    Devices(Syscalls syscalls, NetlinkSocket route) {
        this.syscalls = syscalls;
        this.route = route;
    }

    /** Refuses a network that the node has no room for; {@code Conflict}. */
    void check(NetworkSpec network) throws IOException {
        String name = network.bridgeOptions().device();
        Optional<Link> present = Links.find(route, name);
        if (present.isPresent() && !isOf(present.get(), network)) {
            throw new Failure.Conflict("cannot create network " + network.id() + " (" + name
                    + "): the node has a network interface of that name already; choose another by the option"
                    + " com.docker.network.bridge.name");
        }
        int own = present.map(Link::index).orElse(0);
        for (Routes.Route each : Routes.list(route)) {
            for (Subnet subnet : network.subnets()) {
                Cidr range = Cidr.parse(subnet.range());
                if (each.destination().prefix() > 0
                        && each.link() != own
                        && isForeign(each)
                        && range.overlaps(each.destination())) {
                    throw new Failure.Conflict("Pool overlaps with other one on this address space: " + range
                            + " overlaps with the node's route to " + each.destination());
                }
            }
        }
    }

    /** Link-local and multicast routes, which every interface has, are no network's. */
    private static boolean isForeign(Routes.Route route) {
        return !route.destination().address().isLinkLocalAddress()
                && !route.destination().address().isMulticastAddress();
    }

    private static boolean isOf(Link link, NetworkSpec network) {
        return link.alias().equals(MARK + network.id());
    }

    /** Makes a network's bridge, or what it lacks; the index of its interface. */
    int make(NetworkSpec network) throws IOException {
        Bridge bridge = network.bridgeOptions();
        String name = bridge.device();
        Optional<Link> present = Links.find(route, name);
        if (present.isEmpty()) {
            List<Message> messages = new ArrayList<>();
            messages.add(Links.bridge(name, mac(), bridge.mtu()));
            messages.add(Links.alias(name, MARK + network.id()));
            messages.add(Links.noLinkLocal(name));
            route.execute(messages);
        } else if (!isOf(present.get(), network)) {
            throw new IOException("the node has another network interface " + name);
        }
        int index = Links.find(route, name)
                .orElseThrow(() -> new IOException("interface " + name + " is gone"))
                .index();
        List<Message> messages = new ArrayList<>();
        for (Subnet subnet : network.subnets()) {
            if (!subnet.gateway().isEmpty()) {
                messages.add(Addresses.add(
                        index,
                        new Cidr(
                                Cidr.address(subnet.gateway()),
                                Cidr.parse(subnet.range()).prefix())));
            }
        }
        if (hasV6(network)) {
            // With one that the kernel makes itself, it would not ask for neighbours until it has looked for others' (2
            // s).
            messages.add(Addresses.add(index, Cidr.parse(LINK_LOCAL)));
        }
        messages.add(Links.up(index));
        route.execute(messages);
        switches(network);
        return index;
    }

    /** Whether what is forwarded between ports of a bridge comes by the rules for IP (br_netfilter). */
    static boolean bridgeCallsRules() {
        try {
            return Files.readString(SYSCTL.resolve("bridge/bridge-nf-call-iptables"))
                    .startsWith("1");
        } catch (IOException e) {
            return false; // The module is not loaded.
        }
    }

    static boolean hasV6(NetworkSpec network) {
        return network.subnets().stream().anyMatch(Subnet::isV6);
    }

    /** What of the node's own switches a bridge needs. */
    private static void switches(NetworkSpec network) throws IOException {
        // Connections from the node's loopback to a published port leave with a loopback address and are masqueraded.
        set("ipv4/conf/" + network.bridgeOptions().device() + "/route_localnet", "1");
        if (!network.internal() && set("ipv4/ip_forward", "1")) {
            LOG.info("IPv4 forwarding was disabled on this node and is enabled now: containers' networking needs it");
        }
        if (hasV6(network)) {
            boolean changed = set("ipv6/conf/default/forwarding", "1");
            if (set("ipv6/conf/all/forwarding", "1") || changed) {
                LOG.info(
                        "IPv6 forwarding was disabled on this node and is enabled now: network {} needs it. Interfaces that get"
                                + " their address by router advertisements need accept_ra=2",
                        network.name());
            }
        }
    }

    /** What of them ports of other nodes need. */
    static void forward(boolean v6) throws IOException {
        if (set(v6 ? "ipv6/conf/all/forwarding" : "ipv4/ip_forward", "1")) {
            LOG.info("forwarding was disabled on this node and is enabled now: published ports of other nodes need it");
        }
    }

    /** Whether it was something else before. */
    private static boolean set(String name, String value) throws IOException {
        Path file = SYSCTL.resolve(name);
        if (Files.readString(file).strip().equals(value)) {
            return false;
        }
        Files.writeString(file, value);
        return true;
    }

    private static String mac() {
        byte[] bytes = new byte[6];
        DICE.nextBytes(bytes);
        bytes[0] = 0x02;
        bytes[1] = 0x42;
        return HexFormat.ofDelimiter(":").formatHex(bytes);
    }

    /** Removes a network's bridge; another interface of that name stays. */
    void remove(NetworkSpec network) throws IOException {
        Optional<Link> present = Links.find(route, network.bridgeOptions().device());
        if (present.isPresent() && isOf(present.get(), network)) {
            delete(present.get().name());
        }
    }

    /** Removes an interface; when this returns, it is in no list any more, and the kernel goes on by itself. */
    void delete(String name) throws IOException {
        Thread.ofPlatform().daemon().name("delete-" + name).start(() -> {
            try (NetlinkSocket own = NetlinkSocket.route(syscalls)) {
                own.execute(List.of(Links.delete(name)), Errno.ENODEV);
            } catch (ErrnoException e) {
                LOG.warn("cannot delete network interface {}", name, e);
            }
        });
        long end = System.nanoTime() + GOING.toNanos();
        while (Links.find(route, name).isPresent()) {
            if (System.nanoTime() > end) {
                throw new IOException("network interface " + name + " does not go away within " + GOING);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(200_000);
        }
    }
}
