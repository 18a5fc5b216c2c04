package io.longshore.network.definition;

import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.network.address.Cidr;
import java.util.Map;
import java.util.TreeMap;

/** The driver options of bridge networks, {@code com.docker.network.*}; overlay networks have them too. */
public final class BridgeOptions {
    /** The driver's name. */
    public static final String DRIVER = "bridge";

    private static final String PREFIX = "com.docker.network.bridge.";
    private static final String NAME = PREFIX + "name";
    private static final String COMMUNICATION = PREFIX + "enable_icc";
    private static final String MASQUERADE = PREFIX + "enable_ip_masquerade";
    private static final String PUBLISH_ADDRESS = PREFIX + "host_binding_ipv4";
    private static final String DEFAULT = PREFIX + "default_bridge";
    static final String MTU = "com.docker.network.driver.mtu";
    private static final String INTERFACE = "com.docker.network.container_iface_prefix";
    /** IFNAMSIZ of Linux, without the NUL. */
    private static final int LONGEST_DEVICE = 15;

    private static final int LONGEST_INTERFACE = 11;
    private static final int SMALLEST_MTU = 68;
    private static final int LARGEST_MTU = 65_535;
    private static final int SHORT_ID = 12;

    private BridgeOptions() {}

    /** What the default network of a project has in inspect, as Docker's. */
    public static Map<String, String> ofDefault(String device) {
        Map<String, String> options = new TreeMap<>();
        options.put(DEFAULT, "true");
        options.put(COMMUNICATION, "true");
        options.put(MASQUERADE, "true");
        options.put(PUBLISH_ADDRESS, "0.0.0.0");
        options.put(NAME, device);
        options.put(MTU, "1500");
        return options;
    }

    /** {@code Invalid} names the option that cannot be. */
    public static void check(Map<String, String> options) {
        flag(options, COMMUNICATION);
        flag(options, MASQUERADE);
        mtu(options);
        String device = options.getOrDefault(NAME, "");
        if (device.length() > LONGEST_DEVICE || !device.matches("[A-Za-z0-9_.-]*") || device.matches("\\.{1,2}")) {
            throw new Failure.Invalid("invalid value for " + NAME + ": \"" + device + "\": a name of at most "
                    + LONGEST_DEVICE + " letters, digits, dots, dashes and underscores");
        }
        String prefix = options.getOrDefault(INTERFACE, "");
        if (prefix.length() > LONGEST_INTERFACE || !prefix.matches("[A-Za-z0-9_.-]*")) {
            throw new Failure.Invalid("invalid value for " + INTERFACE + ": \"" + prefix + "\": at most "
                    + LONGEST_INTERFACE + " letters, digits, dots, dashes and underscores");
        }
        String address = options.getOrDefault(PUBLISH_ADDRESS, "");
        if (!address.isEmpty() && Cidr.address(address).getAddress().length != 4) {
            throw new Failure.Invalid("invalid value for " + PUBLISH_ADDRESS + ": " + address + " is not IPv4");
        }
    }

    /** For the nodes. The options have been checked. */
    public static NetworkSpec.Bridge of(Network network) {
        Map<String, String> options = network.definition().options();
        String device = options.getOrDefault(NAME, "");
        String prefix = options.getOrDefault(INTERFACE, "");
        String address = options.getOrDefault(PUBLISH_ADDRESS, "");
        return new NetworkSpec.Bridge(
                device.isEmpty() ? deviceOf(network.id()) : device,
                flag(options, DEFAULT, false),
                flag(options, COMMUNICATION, true),
                flag(options, MASQUERADE, true),
                address.isEmpty() ? "0.0.0.0" : address,
                mtu(options) == 0 && network.spansNodes() ? OverlayOptions.MTU : mtu(options),
                prefix.isEmpty() ? "eth" : prefix);
    }

    /** The device of a network that does not name one. */
    public static String deviceOf(String id) {
        return "br-" + id.substring(0, SHORT_ID);
    }

    /** Bytes; 0 when nobody says. */
    static int mtu(Map<String, String> options) {
        String text = options.getOrDefault(MTU, "");
        if (text.isEmpty()) {
            return 0;
        }
        int mtu = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
        if (mtu != 0 && (mtu < SMALLEST_MTU || mtu > LARGEST_MTU)) {
            throw new Failure.Invalid(
                    "invalid value for " + MTU + ": \"" + text + "\": bytes, " + SMALLEST_MTU + " to " + LARGEST_MTU);
        }
        return mtu;
    }

    private static void flag(Map<String, String> options, String name) {
        flag(options, name, true);
    }

    /** As Go's strconv.ParseBool reads it. */
    private static boolean flag(Map<String, String> options, String name, boolean otherwise) {
        String text = options.getOrDefault(name, "");
        return switch (text) {
            case "" -> otherwise;
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default -> throw new Failure.Invalid("invalid value for " + name + ": \"" + text + "\" is not a boolean");
        };
    }
}
