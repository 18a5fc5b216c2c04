package io.longshore.network.definition;

import java.util.List;
import java.util.Map;

/**
 * What a network's maker asked for, complete: what inspect shows.
 *
 * @param internal whether nothing leads out of it
 * @param attachable echoed
 * @param ipv4 whether it has IPv4 addresses
 * @param ipv6 whether it has IPv6 addresses
 * @param ipamOptions echoed
 * @param subnets of which one of a family at most is used; without those that were chosen for it
 * @param options as the client gave them; for an overlay network that he named no driver for with the MTU that is left
 * @param labels as the client gave them
 */
public record NetworkDefinition(
        boolean internal,
        boolean attachable,
        boolean ipv4,
        boolean ipv6,
        Map<String, String> ipamOptions,
        List<Subnet> subnets,
        Map<String, String> options,
        Map<String, String> labels) {
    /** Of a network without addresses. */
    public static final NetworkDefinition PLAIN =
            new NetworkDefinition(false, false, true, false, Map.of(), List.of(), Map.of(), Map.of());

    public NetworkDefinition {
        ipamOptions = ipamOptions == null ? Map.of() : ipamOptions;
        subnets = subnets == null ? List.of() : List.copyOf(subnets);
        options = options == null ? Map.of() : options;
        labels = labels == null ? Map.of() : labels;
    }

    /** The same with these options. */
    public NetworkDefinition options(Map<String, String> others) {
        return new NetworkDefinition(internal, attachable, ipv4, ipv6, ipamOptions, subnets, others, labels);
    }

    /** Whether the subnets of a family were its maker's wish. */
    public boolean asksFor(boolean v6) {
        return subnets.stream().anyMatch(subnet -> subnet.isV6() == v6);
    }

    /**
     * A subnet that is asked for (Engine API, IPAMConfig).
     *
     * @param subnet in CIDR notation
     * @param range from which addresses are given out, in CIDR notation; empty for all of it
     * @param gateway address; empty for the first
     * @param reserved addresses that are not given out, by name
     */
    public record Subnet(String subnet, String range, String gateway, Map<String, String> reserved) {
        public Subnet {
            reserved = reserved == null ? Map.of() : reserved;
        }

        public boolean isV6() {
            return subnet.indexOf(':') >= 0;
        }
    }
}
