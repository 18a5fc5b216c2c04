package io.longshore.network.definition;

import io.longshore.contracts.error.Failure;
import java.util.Map;
import java.util.TreeMap;

/** The driver options of overlay networks, beside those that they have in common with bridge networks ({@link BridgeOptions}). */
public final class OverlayOptions {
    /** The driver's name. */
    public static final String DRIVER = "overlay";

    /** What a packet may have less than on the link between the nodes: Ethernet, IPv4, UDP and VXLAN around it. */
    private static final int AROUND = 50;
    /** The same with IPv6. */
    private static final int AROUND_V6 = 70;

    private static final int ETHERNET = 1500;

    /** Without the option for it: what is left on a link of Ethernet. */
    static final int MTU = ETHERNET - AROUND;

    private static final String NUMBER = "com.docker.network.driver.overlay.vxlanid_list";
    private static final String ENCRYPTED = "encrypted";

    private OverlayOptions() {}

    /** {@code NotImplemented} names the option that is not there yet. */
    static void check(Map<String, String> options) {
        if (options.containsKey(ENCRYPTED)) {
            throw new Failure.NotImplemented("option " + ENCRYPTED + " of network driver " + DRIVER
                    + " is not available in Longshore yet: what goes between nodes is not encrypted; leave it out");
        }
        if (options.containsKey(NUMBER)) {
            throw new Failure.NotImplemented(
                    "option " + NUMBER + " is not available in Longshore yet: numbers are given out; leave it out");
        }
    }

    /**
     * The definition of a network whose maker named no driver, as one of this driver. An MTU that he gave is that of the nodes' link, so that
     * packets have less.
     *
     * @param v6 whether nodes reach each other at IPv6 addresses
     */
    public static NetworkDefinition chosen(NetworkDefinition definition, boolean v6) {
        check(definition.options());
        int link = BridgeOptions.mtu(definition.options());
        if (link == 0 && !v6) {
            return definition;
        }
        Map<String, String> options = new TreeMap<>(definition.options());
        int left = (link == 0 ? ETHERNET : link) - (v6 ? AROUND_V6 : AROUND);
        options.put(BridgeOptions.MTU, Integer.toString(left));
        BridgeOptions.check(options);
        return definition.options(options);
    }

    /** As inspect shows them: those of its maker and its number, as Docker's. */
    public static Map<String, String> shown(Network network) {
        Map<String, String> options = new TreeMap<>(network.definition().options());
        if (network.overlay() != null) {
            options.put(NUMBER, Integer.toString(network.overlay().vni()));
        }
        return options;
    }
}
