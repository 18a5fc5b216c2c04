package io.longshore.container.inspect;

import io.longshore.container.request.EndpointWishes;
import io.longshore.container.state.ContainerRow;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.container.NetworkingConfig.EndpointConfig;
import io.longshore.platform.engine.ApiVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** NetworkSettings of inspect and list (Engine API, NetworkSettings and EndpointSettings). What only a running container has is empty before. */
public final class NetworkSettings {
    private static final List<PublishedPort> NOTHING = List.of();

    private NetworkSettings() {}

    static Map<String, @Nullable Object> of(ContainerRow row, ApiVersion version) {
        Map<String, @Nullable Object> settings = new LinkedHashMap<>();
        EndpointSpec first = onDefaultBridge(row);
        boolean sandbox = row.state().hasProcess() && row.resolved().network().joined() == null;
        settings.put("Bridge", "");
        settings.put("SandboxID", sandbox ? row.id().value() : "");
        settings.put("SandboxKey", "");
        settings.put("Ports", ports(row));
        settings.put("HairpinMode", false);
        settings.put("LinkLocalIPv6Address", "");
        settings.put("LinkLocalIPv6PrefixLen", 0);
        settings.put("SecondaryIPAddresses", null);
        settings.put("SecondaryIPv6Addresses", null);
        settings.put("EndpointID", first == null ? "" : first.id());
        settings.put("Gateway", first == null ? "" : gateway(first, false));
        settings.put("GlobalIPv6Address", first == null ? "" : address(first, true));
        settings.put("GlobalIPv6PrefixLen", first == null ? 0 : prefix(first, true));
        settings.put("IPAddress", first == null ? "" : address(first, false));
        settings.put("IPPrefixLen", first == null ? 0 : prefix(first, false));
        settings.put("IPv6Gateway", first == null ? "" : gateway(first, true));
        settings.put("MacAddress", first == null ? "" : first.mac());
        settings.put("Networks", networks(row, version));
        return settings;
    }

    /** Its own fields are from the time when a container had one network, the default one. */
    private static @Nullable EndpointSpec onDefaultBridge(ContainerRow row) {
        return row.state().hasProcess()
                ? row.resolved().network().endpoints().stream()
                        .filter(one -> one.network().bridge() != null
                                && one.network().bridgeOptions().predefined())
                        .findFirst()
                        .orElse(null)
                : null;
    }

    /** By port and protocol, with null for one that is exposed only. */
    private static Map<String, @Nullable List<Map<String, String>>> ports(ContainerRow row) {
        Map<String, @Nullable List<Map<String, String>>> ports = new TreeMap<>();
        boolean bridged = row.resolved().network().endpoints().stream()
                .anyMatch(endpoint -> endpoint.network().bridge() != null);
        if (!row.state().hasProcess() || !bridged) {
            return ports;
        }
        if (row.config().exposedPorts() != null) {
            row.config().exposedPorts().keySet().forEach(port -> ports.put(port, null));
        }
        for (PublishedPort published : published(row)) {
            String key = published.port() + "/" + published.protocol();
            List<Map<String, String>> bindings = ports.get(key);
            if (bindings == null) {
                bindings = new ArrayList<>();
                ports.put(key, bindings);
            }
            Map<String, String> binding = new LinkedHashMap<>();
            binding.put("HostIp", published.hostAddress());
            binding.put("HostPort", String.valueOf(published.hostPort()));
            bindings.add(binding);
        }
        return ports;
    }

    private static List<PublishedPort> published(ContainerRow row) {
        return row.observed() == null || !row.state().hasProcess()
                ? NOTHING
                : row.observed().ports().stream()
                        .sorted(Comparator.comparingInt(PublishedPort::port)
                                .thenComparing(PublishedPort::protocol)
                                .thenComparing(port -> port.hostAddress().indexOf(':') >= 0))
                        .toList();
    }

    /** As {@code GET /containers/json} has them (Engine API, PortSummary). */
    public static List<Map<String, Object>> summary(ContainerRow row) {
        List<Map<String, Object>> ports = new ArrayList<>();
        ports(row).forEach((key, bindings) -> {
            int slash = key.indexOf('/');
            String number = slash < 0 ? key : key.substring(0, slash);
            if (number.matches("[0-9]{1,5}")) {
                for (Map<String, String> binding : bindings == null ? List.of(Map.<String, String>of()) : bindings) {
                    Map<String, Object> port = new LinkedHashMap<>();
                    if (binding.get("HostIp") != null) {
                        port.put("IP", String.valueOf(binding.get("HostIp")));
                    }
                    port.put("PrivatePort", Integer.parseInt(number));
                    if (binding.get("HostPort") != null) {
                        port.put("PublicPort", Integer.parseInt(String.valueOf(binding.get("HostPort"))));
                    }
                    port.put("Type", slash < 0 ? "tcp" : key.substring(slash + 1));
                    ports.add(port);
                }
            }
        });
        return ports;
    }

    /** The container's endpoints, by network name. */
    public static Map<String, Map<String, @Nullable Object>> networks(ContainerRow row, ApiVersion version) {
        Map<String, Map<String, @Nullable Object>> networks = new LinkedHashMap<>();
        ContainerSpec.Network network = row.resolved().network();
        for (EndpointSpec endpoint : network.endpoints()) {
            networks.put(endpoint.network().name(), endpoint(row, endpoint, version));
        }
        return networks;
    }

    private static Map<String, @Nullable Object> endpoint(ContainerRow row, EndpointSpec endpoint, ApiVersion version) {
        EndpointConfig wish = EndpointWishes.wish(row.request(), endpoint);
        boolean running = row.state().hasProcess();
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("IPAMConfig", wish.ipamConfig());
        answer.put("Links", wish.links());
        answer.put("Aliases", aliases(row, endpoint, wish, version));
        answer.put("MacAddress", running ? endpoint.mac() : "");
        answer.put("DriverOpts", wish.driverOpts());
        answer.put("GwPriority", endpoint.gatewayPriority());
        answer.put(
                "NetworkID", row.startedAt() == null ? "" : endpoint.network().id());
        answer.put("EndpointID", running ? endpoint.id() : "");
        answer.put("Gateway", running ? gateway(endpoint, false) : "");
        answer.put("IPAddress", running ? address(endpoint, false) : "");
        answer.put("IPPrefixLen", running ? prefix(endpoint, false) : 0);
        answer.put("IPv6Gateway", running ? gateway(endpoint, true) : "");
        answer.put("GlobalIPv6Address", running ? address(endpoint, true) : "");
        answer.put("GlobalIPv6PrefixLen", running ? prefix(endpoint, true) : 0);
        answer.put("DNSNames", endpoint.names().isEmpty() ? null : endpoint.names());
        forVersion(answer, version);
        return answer;
    }

    /** The one place that knows what clients of older versions must not see. */
    private static void forVersion(Map<String, @Nullable Object> endpoint, ApiVersion version) {
        if (!version.atLeast(48)) {
            endpoint.remove("GwPriority");
        }
        if (!version.atLeast(44)) {
            endpoint.remove("DNSNames");
        }
    }

    /** For older clients the short id is among them. */
    private static @Nullable List<String> aliases(
            ContainerRow row, EndpointSpec endpoint, EndpointConfig wish, ApiVersion version) {
        List<String> asked = wish.aliases() == null ? List.of() : wish.aliases();
        if (version.atLeast(45) || endpoint.names().isEmpty()) {
            return asked.isEmpty() ? null : asked;
        }
        List<String> all = new ArrayList<>(asked);
        all.add(row.id().shortForm());
        return all;
    }

    private static String gateway(EndpointSpec endpoint, boolean v6) {
        return endpoint.network().internal()
                ? ""
                : endpoint.network().subnets().stream()
                        .filter(subnet -> subnet.isV6() == v6)
                        .map(NetworkSpec.Subnet::gateway)
                        .findFirst()
                        .orElse("");
    }

    private static String address(EndpointSpec endpoint, boolean v6) {
        String cidr = cidr(endpoint, v6);
        return cidr.isEmpty() ? "" : cidr.substring(0, cidr.indexOf('/'));
    }

    private static int prefix(EndpointSpec endpoint, boolean v6) {
        String cidr = cidr(endpoint, v6);
        return cidr.isEmpty() ? 0 : Integer.parseInt(cidr, cidr.indexOf('/') + 1, cidr.length(), 10);
    }

    private static String cidr(EndpointSpec endpoint, boolean v6) {
        return endpoint.addresses().stream()
                .filter(address -> address.indexOf(':') >= 0 == v6)
                .findFirst()
                .orElse("");
    }
}
