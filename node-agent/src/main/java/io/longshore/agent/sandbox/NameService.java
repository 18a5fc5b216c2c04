package io.longshore.agent.sandbox;

import io.longshore.agent.dns.DnsSandbox;
import io.longshore.agent.dns.DnsView;
import io.longshore.agent.dns.EmbeddedDns;
import io.longshore.agent.dns.NetworkNames;
import io.longshore.agent.etc.ResolvConf;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Serves names to sandboxes that are on a network with names, by the embedded DNS server, and tells it who has which. A sandbox that is on the
 * default network alone costs nothing.
 */
public final class NameService implements SandboxService {
    private final EmbeddedDns dns;
    private final NetworkNames names;
    private final Path resolvConf;

    /**
     * @param names those that the server knows
     * @param resolvConf the node's
     */
    public NameService(EmbeddedDns dns, NetworkNames names, Path resolvConf) {
        this.dns = dns;
        this.names = names;
        this.resolvConf = resolvConf;
    }

    @Override
    public Presence prepare() {
        return new Served();
    }

    /** One sandbox. One operation at a time. */
    private final class Served implements Presence {
        private @Nullable DnsSandbox server;
        /** Network id and endpoint id of what it told. */
        private Map<String, String> told = Map.of();

        @Override
        public void serve(ContainerSpec container, List<EndpointSpec> endpoints, Inside namespace) throws IOException {
            List<EndpointSpec> named =
                    endpoints.stream().filter(NameService::hasNames).toList();
            if (!named.isEmpty() && server == null) {
                server = dns.open(namespace.descriptor(), null, DnsView.NONE);
                namespace.redirectNames(server.ports().udp(), server.ports().tcp());
            }
            if (server != null) {
                server.view(view(container.network(), endpoints));
            }
            Map<String, String> now = new HashMap<>();
            for (EndpointSpec endpoint : named) {
                now.put(endpoint.network().id(), endpoint.id());
                names.put(endpoint.network().id(), endpoint.id(), endpoint.names(), addresses(endpoint));
            }
            told.forEach((network, endpoint) -> {
                if (!endpoint.equals(now.get(network))) {
                    names.remove(network, endpoint);
                }
            });
            told = now;
        }

        @Override
        public void close() {
            told.forEach(names::remove);
            told = Map.of();
            if (server != null) {
                server.close();
                server = null;
            }
        }
    }

    private static boolean hasNames(EndpointSpec endpoint) {
        return !endpoint.names().isEmpty();
    }

    private DnsView view(ContainerSpec.Network network, List<EndpointSpec> endpoints) {
        List<DnsView.Network> networks = endpoints.stream()
                .filter(NameService::hasNames)
                .map(endpoint -> new DnsView.Network(
                        endpoint.network().id(), endpoint.network().name(), links(endpoint)))
                .toList();
        boolean external =
                endpoints.stream().anyMatch(endpoint -> !endpoint.network().internal());
        ResolvConf asked = ResolvConf.parse(node()).asked(network.dns(), network.dnsSearch(), network.dnsOptions());
        List<InetAddress> servers =
                network.dns().stream().map(InetAddress::ofLiteral).toList();
        return new DnsView(networks, servers, external, asked.setsNdots());
    }

    /** {@code name} or {@code name:alias}, by alias. */
    private static Map<String, String> links(EndpointSpec endpoint) {
        Map<String, String> links = new HashMap<>();
        for (String link : endpoint.links()) {
            int colon = link.indexOf(':');
            String name = colon < 0 ? link : link.substring(0, colon);
            links.put(colon < 0 ? name : link.substring(colon + 1), name.startsWith("/") ? name.substring(1) : name);
        }
        return links;
    }

    /** The endpoint's addresses without the length of their prefix. */
    private static List<InetAddress> addresses(EndpointSpec endpoint) {
        return endpoint.addresses().stream()
                .map(address -> InetAddress.ofLiteral(address.substring(0, address.indexOf('/'))))
                .toList();
    }

    private String node() {
        try {
            return Files.readString(resolvConf);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + resolvConf, e);
        }
    }
}
