package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.networkdriver.Publication;
import io.longshore.agent.networkdriver.bridge.Translation.Kind;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.agent.Port.Entries;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Takes ports of the node: each is bound, so that the kernel gives it to nobody else and random ones come from its range
 * (ip_local_port_range). Thread-safe.
 */
final class HostPorts {
    private static final String ALL_V4 = "0.0.0.0";
    private static final String ALL_V6 = "::";
    /** A random port of one protocol and family that is taken in the other is given back. */
    private static final int RANDOM_ATTEMPTS = 32;

    private record Taken(String protocol, int port) {}

    /**
     * What ports are taken for.
     *
     * @param name of the container, for messages
     * @param endpoint its id, for messages
     * @param standard address for ports that name none; empty for all addresses
     */
    record Purpose(String name, String endpoint, String standard) {
        static Purpose of(Publication publication) {
            EndpointSpec endpoint = publication.endpoint().spec();
            return new Purpose(
                    publication.name(),
                    endpoint.id(),
                    endpoint.network().bridgeOptions().publishAddress());
        }
    }

    private final Set<Taken> taken = new HashSet<>();
    private final Relay relay;

    HostPorts(Relay relay) {
        this.relay = relay;
    }

    /** A port of the node that is taken until it is closed. */
    final class Claim implements AutoCloseable {
        private final Port port;
        private final List<String> addresses;
        private final Target target;
        private final Relay.Listening listening;

        private Claim(Port port, List<String> addresses, Target target, Relay.Listening listening) {
            this.port = port;
            this.addresses = addresses;
            this.target = target;
            this.listening = listening;
        }

        /** As the Engine API shows it: one for each family. */
        List<PublishedPort> published() {
            return addresses.stream()
                    .map(address -> new PublishedPort(port.port(), port.protocol(), address, listening.port()))
                    .toList();
        }

        /** What the kernel is told; what only some may come to is relayed, and so is from one address to another node. */
        List<Translation> translations() {
            List<Translation> all = new ArrayList<>();
            for (String address : target.from().isEmpty() ? addresses : List.<String>of()) {
                InetAddress host = Cidr.address(address);
                boolean relayed = target.isElsewhere() && !host.isAnyLocalAddress();
                Kind kind = relayed ? Kind.RELAYED : target.isElsewhere() ? Kind.FAR : Kind.HERE;
                target.addresses().stream()
                        .filter(each -> relayed || each.getAddress().length == host.getAddress().length)
                        .map(each -> new Translation(
                                Translation.number(port.protocol()),
                                host,
                                listening.port(),
                                each,
                                target.port(listening.port()),
                                kind))
                        .findFirst()
                        .ifPresent(all::add);
            }
            return all;
        }

        @Override
        public void close() {
            try {
                listening.socket().close();
            } catch (Exception e) {
                throw new IllegalStateException("a socket of the relay closes without failing", e);
            } finally {
                synchronized (taken) {
                    taken.remove(new Taken(port.protocol(), listening.port()));
                }
            }
        }
    }

    /**
     * Takes a port.
     *
     * @param hostPort the one that was taken before, or 0
     * @throws Failure.Conflict in Docker's words
     */
    Claim claim(Purpose purpose, Port port, int hostPort, Target target) {
        List<String> addresses = addresses(purpose, port);
        int first = hostPort > 0 ? hostPort : port.firstHostPort();
        int last = hostPort > 0 ? hostPort : Math.max(first, port.lastHostPort());
        if (first == 0) {
            return random(purpose, port, addresses, target);
        }
        int candidate = first;
        while (true) {
            try {
                return bind(port, addresses, candidate, target);
            } catch (IOException e) {
                // Somebody has it: the next one, if there is one.
                if (candidate++ == last) {
                    throw refusal(purpose, port, addresses.getFirst(), last, e);
                }
            }
        }
    }

    private Claim random(Purpose purpose, Port port, List<String> addresses, Target target) {
        IOException problem = new BindException("no free port");
        for (int attempt = 0; attempt < RANDOM_ATTEMPTS; attempt++) {
            try {
                return bind(port, addresses, 0, target);
            } catch (IOException e) {
                problem = e;
            }
        }
        throw refusal(purpose, port, addresses.getFirst(), 0, problem);
    }

    private Claim bind(Port port, List<String> addresses, int hostPort, Target target) throws IOException {
        List<String> here =
                target.from().isEmpty() ? addresses : List.of(entries(port).address());
        Relay.Listening listening = relay.listen(port.protocol(), here, hostPort, target);
        synchronized (taken) {
            if (taken.add(new Taken(port.protocol(), listening.port()))
                    || !port.protocol().equals("sctp")) {
                return new Claim(port, addresses, target, listening);
            }
        }
        throw new AlreadyOurs();
    }

    private static Entries entries(Port port) {
        return Objects.requireNonNull(port.entries(), "only what others forward to is for some");
    }

    /** Who may come to a port of a container of this node: nodes that forward to it if it is to answer at an address of theirs. */
    static Set<InetAddress> admitted(Purpose purpose, Port port) {
        Entries entries = port.entries();
        boolean everywhere = Cidr.address(addresses(purpose, port).getFirst()).isAnyLocalAddress();
        return entries == null || everywhere
                ? Set.of()
                : entries.from().stream().map(Cidr::address).collect(Collectors.toUnmodifiableSet());
    }

    /** One that nothing is bound for, so that only we know of it. */
    private static final class AlreadyOurs extends BindException {}

    /** Where a port is to answer. */
    private static List<String> addresses(Purpose purpose, Port port) {
        if (!port.hostAddress().isEmpty()) {
            return List.of(Cidr.text(Cidr.address(port.hostAddress())));
        }
        return purpose.standard().isEmpty() || purpose.standard().equals(ALL_V4)
                ? Relay.hasV6() ? List.of(ALL_V4, ALL_V6) : List.of(ALL_V4)
                : List.of(purpose.standard());
    }

    private Failure refusal(Purpose purpose, Port port, String address, int hostPort, IOException why) {
        boolean ours;
        synchronized (taken) {
            ours = why instanceof AlreadyOurs || taken.contains(new Taken(port.protocol(), hostPort));
        }
        String where = (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + hostPort;
        String family = address.indexOf(':') >= 0 ? "6" : "4";
        String reason = ours
                ? "Bind for " + where + " failed: port is already allocated"
                : "Error starting userland proxy: listen " + port.protocol() + family + " " + where + ": bind: "
                        + words(why);
        return new Failure.Conflict("driver failed programming external connectivity on endpoint " + purpose.name()
                + " (" + purpose.endpoint() + "): " + reason);
    }

    private static String words(IOException why) {
        String text = String.valueOf(why.getMessage()).toLowerCase(java.util.Locale.ROOT);
        return text.contains("cannot assign")
                ? "cannot assign requested address"
                : text.contains("in use") ? "address already in use" : text;
    }
}
