package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.container.NetworkingConfig;
import io.longshore.contracts.container.NetworkingConfig.EndpointConfig;
import io.longshore.contracts.container.NetworkingConfig.IpamConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.NetworkClaim.Wanted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** On which networks a container is to be, with which addresses and names. */
public final class EndpointWishes {
    /** The network mode of one that shares another's. */
    static final String CONTAINER = "container:";

    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}");
    private static final Pattern NAME = Pattern.compile("[^\\s#;:/]{1,253}");
    /** As many as one container can be connected to. */
    private static final int MOST = 100;

    private static final int MOST_NAMES = 100;

    private EndpointWishes() {}

    /** One of them, by the network's name or id as the client says it. */
    public record Wish(String network, EndpointConfig config) {
        /** For network-service. */
        public Wanted wanted() {
            IpamConfig ipam = config.ipamConfig();
            return new Wanted(
                    network,
                    mac(config.macAddress()),
                    ipam == null ? "" : orEmpty(ipam.ipv4Address()),
                    ipam == null ? "" : orEmpty(ipam.ipv6Address()));
        }
    }

    /** What a create asks for: the network of its mode first; none of its own if it shares that of another container. */
    public static List<Wish> of(CreateRequest request) {
        String mode = network(request);
        if (mode.startsWith(CONTAINER)) {
            return List.of();
        }
        NetworkingConfig networking = request.networkingConfig();
        Map<String, @Nullable EndpointConfig> asked = new TreeMap<>();
        if (networking != null && networking.endpointsConfig() != null) {
            networking.endpointsConfig().forEach((name, config) -> asked.put(name(name), config));
        }
        List<Wish> wishes = new ArrayList<>();
        if (asked.isEmpty() || asked.containsKey(mode)) {
            wishes.add(new Wish(
                    mode, withMac(request, Objects.requireNonNullElse(asked.remove(mode), EndpointConfig.ANY))));
        }
        asked.forEach(
                (name, config) -> wishes.add(new Wish(name, Objects.requireNonNullElse(config, EndpointConfig.ANY))));
        return wishes;
    }

    /** The container whose network the request is to share, as the client names it; empty for none. */
    public static String joined(CreateRequest request) {
        String mode = network(request);
        return mode.startsWith(CONTAINER) ? mode.substring(CONTAINER.length()) : "";
    }

    /** Where the mode leads: {@code default} is the bridge. */
    static String network(CreateRequest request) {
        return name(Completion.networkMode(request));
    }

    private static String name(String mode) {
        return mode.equals("default") ? "bridge" : mode;
    }

    /** The address of Config.MacAddress is that of the first network, for clients from before endpoints had one. */
    private static EndpointConfig withMac(CreateRequest request, EndpointConfig config) {
        String mac = request.config().macAddress();
        if (mac == null || mac.isEmpty() || !orEmpty(config.macAddress()).isEmpty()) {
            return config;
        }
        return new EndpointConfig(
                config.ipamConfig(), config.links(), config.aliases(), mac, config.driverOpts(), config.gwPriority());
    }

    /** {@code Invalid} names what cannot be, before anything is claimed. */
    static void check(CreateRequest request) {
        List<Wish> wishes = of(request);
        if (wishes.size() > MOST) {
            throw new Failure.Invalid("a container can be on at most " + MOST + " networks, not " + wishes.size());
        }
        for (Wish wish : wishes) {
            check(wish.network(), wish.config());
        }
        boolean alone = wishes.stream()
                .map(Wish::network)
                .anyMatch(network -> network.equals("host") || network.equals("none"));
        if (alone && wishes.size() > 1) {
            throw new Failure.Invalid("container cannot be connected to multiple networks with one of the networks in"
                    + " private (none) mode or in host mode");
        }
    }

    /** The same of one endpoint. */
    public static void check(String network, EndpointConfig config) {
        boolean predefined = network.equals("bridge") || network.equals("host") || network.equals("none");
        if (predefined && config.aliases() != null && !config.aliases().isEmpty()) {
            throw new Failure.Invalid("network-scoped alias is supported only for containers in user defined networks");
        }
        mac(config.macAddress());
        IpamConfig ipam = config.ipamConfig();
        if (ipam != null) {
            String ipv4 = orEmpty(ipam.ipv4Address());
            String ipv6 = orEmpty(ipam.ipv6Address());
            if (!ipv4.isEmpty() && (!NameResolution.isAddress(ipv4) || ipv4.indexOf(':') >= 0)) {
                throw new Failure.Invalid("invalid IPv4 address: " + ipv4);
            }
            if (!ipv6.isEmpty() && (!NameResolution.isAddress(ipv6) || ipv6.indexOf(':') < 0)) {
                throw new Failure.Invalid("invalid IPv6 address: " + ipv6);
            }
            if (predefined && !(ipv4 + ipv6).isEmpty()) {
                throw new Failure.Invalid("user specified IP address is supported on user defined networks only");
            }
            Refusals.unlessUnset("EndpointsConfig." + network + ".IPAMConfig.LinkLocalIPs", ipam.linkLocalIps());
        }
        names(network, orEmpty(config.aliases()));
        LinkWish.check(config.links());
    }

    private static void names(String network, List<String> names) {
        if (names.size() > MOST_NAMES) {
            throw new Failure.Invalid("a container can have at most " + MOST_NAMES + " aliases on network " + network
                    + ", not " + names.size());
        }
        for (String name : names) {
            if (!NAME.matcher(name).matches()) {
                throw new Failure.Invalid("invalid alias \"" + name + "\" on network " + network);
            }
        }
    }

    private static String mac(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return "";
        }
        String mac = text.toLowerCase(java.util.Locale.ROOT).replace('-', ':');
        boolean group = MAC.matcher(text).matches() && (Integer.parseInt(mac.substring(0, 2), 16) & 1) == 1;
        if (!MAC.matcher(text).matches() || group || mac.equals("00:00:00:00:00:00")) {
            throw new Failure.Invalid("invalid MAC address: " + text);
        }
        return mac;
    }

    /** The endpoints of a container of this id and name, as claimed for these wishes. */
    public static List<EndpointSpec> endpoints(
            ContainerId id, String name, ContainerConfig config, List<Wish> wishes, List<ClaimedEndpoint> claimed) {
        List<EndpointSpec> endpoints = new ArrayList<>();
        for (int i = 0; i < claimed.size(); i++) {
            endpoints.add(endpoint(id, name, config, wishes.get(i).config(), claimed.get(i)));
        }
        return endpoints;
    }

    /** One of them. */
    public static EndpointSpec endpoint(
            ContainerId id, String name, ContainerConfig config, EndpointConfig wish, ClaimedEndpoint claimed) {
        boolean named = claimed.network().bridge() != null
                && !claimed.network().bridgeOptions().predefined();
        return new EndpointSpec(
                claimed.id(),
                claimed.network(),
                claimed.mac(),
                claimed.addresses(),
                named ? names(id, name, config, wish) : List.of(),
                orEmpty(wish.links()),
                wish.gwPriority() == null ? 0 : wish.gwPriority());
    }

    /** By which others find it: its name, aliases, short id and host name, each once. */
    public static List<String> names(ContainerId id, String name, ContainerConfig config, EndpointConfig wish) {
        Set<String> names = new LinkedHashSet<>();
        names.add(name);
        names.addAll(orEmpty(wish.aliases()));
        names.add(id.shortForm());
        if (config.hostname() != null && !config.hostname().isEmpty()) {
            names.add(config.hostname());
        }
        return List.copyOf(names);
    }

    /** What the client asked of the container's endpoint on this network, by the name or id it knew it by. */
    public static EndpointConfig wish(CreateRequest request, EndpointSpec endpoint) {
        for (Wish wish : of(request)) {
            if (wish.network().equals(endpoint.network().name())
                    || wish.network().equals(endpoint.network().id())) {
                return wish.config();
            }
        }
        return EndpointConfig.ANY;
    }

    /** The request with another set of endpoints, by network name. */
    public static CreateRequest with(CreateRequest request, Map<String, EndpointConfig> endpoints) {
        return new CreateRequest(
                request.config(), request.hostConfig(), new NetworkingConfig(new LinkedHashMap<>(endpoints)));
    }

    /** All endpoints of a request, by the network's name. */
    public static Map<String, EndpointConfig> byName(CreateRequest request, ContainerSpec.Network network) {
        Map<String, EndpointConfig> all = new LinkedHashMap<>();
        network.endpoints().forEach(endpoint -> all.put(endpoint.network().name(), wish(request, endpoint)));
        return all;
    }

    /** Whether the container of this request shares the network of another. */
    static boolean joins(HostConfig host) {
        return host.networkMode() != null && host.networkMode().startsWith(CONTAINER);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
