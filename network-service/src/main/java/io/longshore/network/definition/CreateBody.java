package io.longshore.network.definition;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.error.Failure;
import io.longshore.network.address.Cidr;
import io.longshore.network.definition.NetworkDefinition.Subnet;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.web.ClientJson;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.UpperCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** Reads and checks the body of {@code POST /networks/create}. */
public final class CreateBody {
    /** From here on a request may say that it wants no IPv4. */
    private static final int KNOWS_IPV4 = 47;
    /** Of reserved addresses and of options: an inspect answer must stay readable. */
    private static final int MOST_ENTRIES = 1_000;

    private static final int MOST_SUBNETS = 2;

    private CreateBody() {}

    /**
     * What is asked for.
     *
     * @param name of the network
     * @param driver the one that was named; null for one that the fleet chooses
     * @param definition the rest
     */
    public record Wish(String name, @Nullable String driver, NetworkDefinition definition) {}

    /** The body as a client sends it (Engine API, NetworkCreateRequest). */
    @JsonNaming(UpperCamelCaseStrategy.class)
    private record Body(
            @Nullable String name,
            @Nullable String driver,
            @Nullable String scope,
            boolean internal,
            boolean attachable,
            boolean ingress,
            boolean configOnly,
            @Nullable Reference configFrom,
            @JsonProperty("IPAM") @Nullable Ipam ipam,
            @JsonProperty("EnableIPv4") @Nullable Boolean enableIpv4,
            @JsonProperty("EnableIPv6") @Nullable Boolean enableIpv6,
            @Nullable Map<String, String> options,
            @Nullable Map<String, String> labels) {}

    @JsonNaming(UpperCamelCaseStrategy.class)
    private record Reference(@Nullable String network) {}

    @JsonNaming(UpperCamelCaseStrategy.class)
    private record Ipam(
            @Nullable String driver,
            @Nullable List<IpamConfig> config,
            @Nullable Map<String, String> options) {}

    @JsonNaming(UpperCamelCaseStrategy.class)
    private record IpamConfig(
            @Nullable String subnet,
            @JsonProperty("IPRange") @Nullable String range,
            @Nullable String gateway,
            @JsonProperty("AuxiliaryAddresses") @Nullable Map<String, String> reserved) {}

    /** {@code Invalid}, {@code Forbidden}, {@code NotFound} and {@code NotImplemented} say what cannot be made. */
    public static Wish parse(byte[] body, ApiVersion version) {
        Body asked = ClientJson.object(body, Body.class);
        String name = Objects.requireNonNullElse(asked.name, "");
        checkName(name);
        String driver = driver(asked);
        if (driver != null) {
            checkDriver(driver);
        }
        checkScope(asked, OverlayOptions.DRIVER.equals(driver));
        Map<String, String> options = orEmpty(asked.options);
        Map<String, String> labels = orEmpty(asked.labels);
        few("options", options.size());
        few("labels", labels.size());
        BridgeOptions.check(options);
        if (OverlayOptions.DRIVER.equals(driver)) {
            OverlayOptions.check(options);
        }
        boolean ipv4 = !version.atLeast(KNOWS_IPV4) || !Boolean.FALSE.equals(asked.enableIpv4);
        boolean ipv6 = Boolean.TRUE.equals(asked.enableIpv6);
        if (!ipv4 && !ipv6) {
            throw new Failure.Invalid("IPv4 or IPv6 must be enabled");
        }
        Ipam ipam = asked.ipam;
        List<Subnet> subnets = ipam == null ? List.of() : subnets(ipam);
        for (Subnet subnet : subnets) {
            if (!(subnet.isV6() ? ipv6 : ipv4)) {
                throw new Failure.Invalid("invalid network config:\ninvalid subnet " + subnet.subnet() + ": "
                        + (subnet.isV6() ? "IPv6" : "IPv4") + " has not been enabled for this network");
            }
        }
        return new Wish(
                name,
                driver,
                new NetworkDefinition(
                        asked.internal,
                        asked.attachable,
                        ipv4,
                        ipv6,
                        ipam == null ? Map.of() : orEmpty(ipam.options),
                        subnets,
                        options,
                        labels));
    }

    private static void checkName(String name) {
        if (name.isBlank()) {
            throw new Failure.Invalid("invalid network name: name is empty");
        }
        if (Network.isPredefined(name) || name.equals("default")) {
            throw new Failure.Forbidden("operation is not permitted on predefined " + name + " network");
        }
        // As Docker's names of containers and volumes; a path or an escape sequence in it would only harm.
        if (!name.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]*") || name.length() > 255) {
            throw new Failure.Invalid("invalid network name \"" + name.replaceAll("\\p{Cntrl}", "?")
                    + "\": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
        }
        if (name.matches("[0-9a-f]{64}")) {
            throw new Failure.Invalid("invalid network name " + name + ": it looks like a network's id");
        }
    }

    /** Who asks for scope local does not want one that spans nodes. */
    private static @Nullable String driver(Body asked) {
        String driver = Objects.requireNonNullElse(asked.driver, "");
        if (!driver.isEmpty() && !driver.equals("default")) {
            return driver;
        }
        return "local".equals(asked.scope) ? BridgeOptions.DRIVER : null;
    }

    private static void checkDriver(String driver) {
        switch (driver) {
            case BridgeOptions.DRIVER, OverlayOptions.DRIVER -> {}
            case "host", "null", "none" ->
                throw new Failure.Forbidden(
                        "only one instance of \"" + driver.replace("none", "null") + "\" network is allowed");
            case "macvlan", "ipvlan" ->
                throw new Failure.NotImplemented(
                        "network driver " + driver + " is not available in Longshore yet; use bridge");
            default -> throw new Failure.NotFound("plugin \"" + driver + "\" not found");
        }
    }

    private static void checkScope(Body asked, boolean spansNodes) {
        String scope = Objects.requireNonNullElse(asked.scope, "");
        if (spansNodes && scope.equals("local")) {
            throw new Failure.Invalid(
                    "invalid network scope \"local\": a network of driver overlay spans nodes; use scope swarm");
        }
        boolean wide = scope.equals("swarm") || scope.equals("global");
        if ((wide && !spansNodes) || asked.ingress) {
            throw new Failure.Forbidden("This node is not a swarm manager: a network of scope "
                    + (asked.ingress ? "ingress" : scope) + " is not available; use scope local");
        }
        if (!wide && !scope.isEmpty() && !scope.equals("local")) {
            throw new Failure.Invalid("invalid network scope \"" + scope + "\"");
        }
        Reference from = asked.configFrom;
        boolean copies = from != null && from.network != null && !from.network.isEmpty();
        if (asked.configOnly || copies) {
            throw new Failure.NotImplemented(
                    "ConfigOnly and ConfigFrom of a network are not available in Longshore yet;"
                            + " give the network its own configuration");
        }
    }

    private static List<Subnet> subnets(Ipam ipam) {
        String driver = Objects.requireNonNullElse(ipam.driver, "");
        if (!driver.isEmpty() && !driver.equals("default")) {
            throw new Failure.NotFound("ipam driver \"" + driver + "\" not found; leave it out");
        }
        few("IPAM options", orEmpty(ipam.options).size());
        List<Subnet> result = new ArrayList<>();
        for (IpamConfig config : ipam.config == null ? List.<IpamConfig>of() : ipam.config) {
            String subnet = Objects.requireNonNullElse(config.subnet, "");
            if (subnet.isEmpty()) {
                boolean rest = !Objects.requireNonNullElse(config.gateway, "").isEmpty()
                        || !Objects.requireNonNullElse(config.range, "").isEmpty();
                if (rest || !orEmpty(config.reserved).isEmpty()) {
                    throw new Failure.Invalid("invalid network config:\ninvalid IPAM config: a gateway, range or"
                            + " auxiliary address needs a subnet");
                }
                continue;
            }
            result.add(subnet(subnet, config));
        }
        if (result.size() > MOST_SUBNETS
                || result.stream().map(Subnet::isV6).distinct().count() < result.size()) {
            throw new Failure.NotImplemented("more than one subnet of a family is not available in Longshore yet: "
                    + result.stream().map(Subnet::subnet).toList() + "; make a network of each");
        }
        return result;
    }

    private static Subnet subnet(String text, IpamConfig config) {
        Cidr subnet = Cidr.parse(text);
        if (subnet.prefix() > subnet.bits() - 2 || subnet.prefix() < 8) {
            throw new Failure.Invalid("invalid network config:\ninvalid subnet " + text
                    + ": it has too few or too many addresses; from /8 to /" + (subnet.bits() - 2));
        }
        if (!subnet.toString().equals(Cidr.canonical(text.substring(0, text.indexOf('/'))) + "/" + subnet.prefix())) {
            throw new Failure.Invalid("invalid network config:\ninvalid subnet " + text + ": it should be " + subnet);
        }
        String range = Objects.requireNonNullElse(config.range, "");
        if (!range.isEmpty() && !subnet.contains(Cidr.parse(range))) {
            throw new Failure.Invalid(
                    "invalid network config:\ninvalid ip-range " + range + ": it is outside subnet " + text);
        }
        String gateway = Objects.requireNonNullElse(config.gateway, "");
        within(subnet, "gateway", gateway);
        Map<String, String> reserved = orEmpty(config.reserved);
        few("auxiliary addresses", reserved.size());
        reserved.values().forEach(address -> within(subnet, "auxiliary address", address));
        return new Subnet(text, range, gateway, reserved);
    }

    private static void within(Cidr subnet, String what, String text) {
        if (!text.isEmpty()) {
            InetAddress address = Cidr.address(text);
            if (!subnet.contains(address)) {
                throw new Failure.Invalid(
                        "invalid network config:\ninvalid " + what + " " + text + ": it is outside subnet " + subnet);
            }
        }
    }

    private static void few(String what, int count) {
        if (count > MOST_ENTRIES) {
            throw new Failure.TooLarge("a network can have at most " + MOST_ENTRIES + " " + what + ", not " + count);
        }
    }

    private static <V> Map<String, V> orEmpty(@Nullable Map<String, V> map) {
        return map == null ? Map.of() : map;
    }
}
