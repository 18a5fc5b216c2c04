package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.networkdriver.Publication;
import io.longshore.contracts.agent.ContainerSpec.Port;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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

    private final Set<Taken> taken = new HashSet<>();
    private final Relay relay;

    HostPorts(Relay relay) {
        this.relay = relay;
    }

    /** A port of the node that is taken until it is closed. */
    final class Claim implements AutoCloseable {
        private final Port port;
        private final List<String> addresses;
        private final int hostPort;
        private final AutoCloseable socket;

        private Claim(Port port, List<String> addresses, int hostPort, AutoCloseable socket) {
            this.port = port;
            this.addresses = addresses;
            this.hostPort = hostPort;
            this.socket = socket;
        }

        /** As the Engine API shows it: one for each family. */
        List<PublishedPort> published() {
            return addresses.stream()
                    .map(address -> new PublishedPort(port.port(), port.protocol(), address, hostPort))
                    .toList();
        }

        /** What the kernel is to translate, for the addresses of the container that there are. */
        List<Translation> translations(List<InetAddress> container) {
            List<Translation> all = new ArrayList<>();
            for (String address : addresses) {
                InetAddress host = Cidr.address(address);
                container.stream()
                        .filter(each -> each.getAddress().length == host.getAddress().length)
                        .map(each ->
                                new Translation(Translation.number(port.protocol()), host, hostPort, each, port.port()))
                        .findFirst()
                        .ifPresent(all::add);
            }
            return all;
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (Exception e) {
                throw new IllegalStateException("a socket of the relay closes without failing", e);
            } finally {
                synchronized (taken) {
                    taken.remove(new Taken(port.protocol(), hostPort));
                }
            }
        }
    }

    /**
     * Takes a port.
     *
     * @param hostPort the one that was taken before, or 0
     * @param container addresses to which the relay connects what the kernel does not translate
     * @throws Failure.Conflict in Docker's words
     */
    Claim claim(Publication publication, Port port, int hostPort, List<InetAddress> container) {
        List<String> addresses = addresses(publication, port);
        int first = hostPort > 0 ? hostPort : port.firstHostPort();
        int last = hostPort > 0 ? hostPort : Math.max(first, port.lastHostPort());
        if (first == 0) {
            return random(publication, port, addresses, container);
        }
        int candidate = first;
        while (true) {
            try {
                return bind(port, addresses, candidate, container);
            } catch (IOException e) {
                // Somebody has it: the next one, if there is one.
                if (candidate++ == last) {
                    throw refusal(publication, port, addresses.getFirst(), last, e);
                }
            }
        }
    }

    private Claim random(Publication publication, Port port, List<String> addresses, List<InetAddress> container) {
        IOException problem = new BindException("no free port");
        for (int attempt = 0; attempt < RANDOM_ATTEMPTS; attempt++) {
            try {
                return bind(port, addresses, 0, container);
            } catch (IOException e) {
                problem = e;
            }
        }
        throw refusal(publication, port, addresses.getFirst(), 0, problem);
    }

    private Claim bind(Port port, List<String> addresses, int hostPort, List<InetAddress> container)
            throws IOException {
        Relay.Listening listening = relay.listen(port.protocol(), addresses, hostPort, container, port.port());
        synchronized (taken) {
            if (taken.add(new Taken(port.protocol(), listening.port()))
                    || !port.protocol().equals("sctp")) {
                return new Claim(port, addresses, listening.port(), listening.socket());
            }
        }
        throw new AlreadyOurs();
    }

    /** One that nothing is bound for, so that only we know of it. */
    private static final class AlreadyOurs extends BindException {}

    /** Where a port is to answer. */
    private static List<String> addresses(Publication publication, Port port) {
        if (!port.hostAddress().isEmpty()) {
            return List.of(Cidr.text(Cidr.address(port.hostAddress())));
        }
        String standard =
                publication.endpoint().spec().network().bridgeOptions().publishAddress();
        return standard.isEmpty() || standard.equals(ALL_V4)
                ? Relay.hasV6() ? List.of(ALL_V4, ALL_V6) : List.of(ALL_V4)
                : List.of(standard);
    }

    private Failure refusal(Publication publication, Port port, String address, int hostPort, IOException why) {
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
        return new Failure.Conflict("driver failed programming external connectivity on endpoint " + publication.name()
                + " (" + publication.endpoint().spec().id() + "): " + reason);
    }

    private static String words(IOException why) {
        String text = String.valueOf(why.getMessage()).toLowerCase(java.util.Locale.ROOT);
        return text.contains("cannot assign")
                ? "cannot assign requested address"
                : text.contains("in use") ? "address already in use" : text;
    }
}
