package io.longshore.network.address;

import io.longshore.contracts.error.Failure;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What new networks are like.
 *
 * @param bridge device on the nodes of the default network of project {@code default}; {@code longshore0} by default
 * @param pools blocks with the prefix length of the subnets that are cut from them, {@code 172.20.0.0/14 16}; in their order. By default
 *     those of Docker Engine: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/16 in pieces of /20
 * @param sweep when what was left half done is looked for
 * @param overlay how nodes reach each other
 * @param defaultDriver of networks whose makers name none, {@code bridge} or {@code overlay}; by default overlay where several nodes have data
 *     addresses, bridge elsewhere
 */
@ConfigurationProperties(prefix = "network", ignoreUnknownFields = false)
public record NetworkProperties(
        @Nullable String bridge,
        @Nullable List<String> pools,
        @Nullable Sweep sweep,
        @Nullable Overlay overlay,
        @Nullable String defaultDriver) {
    private static final List<String> DEFAULT = List.of(
            "172.17.0.0/16 16", "172.18.0.0/15 16", "172.20.0.0/14 16", "172.24.0.0/13 16", "192.168.0.0/16 20");

    private static final List<String> DRIVERS = List.of("bridge", "overlay");

    public NetworkProperties {
        pools = pools == null || pools.isEmpty() ? DEFAULT : List.copyOf(pools);
        if (bridge != null && !bridge.matches("[A-Za-z0-9_.-]{0,15}")) {
            throw new IllegalArgumentException("network.bridge: \"" + bridge + "\" is no name of a device");
        }
        if (defaultDriver != null && !DRIVERS.contains(defaultDriver)) {
            throw new IllegalArgumentException(
                    "network.default-driver: \"" + defaultDriver + "\" is none of " + DRIVERS);
        }
        try {
            pools.forEach(Pool::parse);
        } catch (Failure.Invalid e) {
            throw new IllegalArgumentException("network.pools: " + e.getMessage(), e);
        }
    }

    /**
     * The sweep of networks.
     *
     * @param every time between looks; 30 s by default
     * @param leaveFor how long a network that is neither made nor removed is left alone; 2 min by default: its create or removal takes longer
     *     only if its process has died
     */
    public record Sweep(@Nullable Duration every, @Nullable Duration leaveFor) {
        public Sweep {
            positive("every", every);
            positive("leave-for", leaveFor);
        }

        private static void positive(String key, @Nullable Duration value) {
            if (value != null && (value.isNegative() || value.isZero())) {
                throw new IllegalArgumentException("network.sweep." + key + ": " + value + " is not positive");
            }
        }

        /** The time in effect. */
        public Duration everyOrDefault() {
            return every == null ? Duration.ofSeconds(30) : every;
        }

        /** The time in effect. */
        public Duration leaveForOrDefault() {
            return leaveFor == null ? Duration.ofMinutes(2) : leaveFor;
        }
    }

    /** The times in effect. */
    public Sweep sweepOrDefault() {
        return sweep == null ? new Sweep(null, null) : sweep;
    }

    /**
     * Networks that span nodes.
     *
     * @param port of UDP at which nodes listen for each other, of networks that are made from now on; 4789 by default
     */
    public record Overlay(@Nullable Integer port) {
        private static final int VXLAN = 4789;
        private static final int LARGEST = 65_535;

        public Overlay {
            if (port != null && (port < 1 || port > LARGEST)) {
                throw new IllegalArgumentException("network.overlay.port: " + port + " is no port of UDP");
            }
        }

        /** The port in effect. */
        public int portOrDefault() {
            return port == null ? VXLAN : port;
        }
    }

    /** What is in effect. */
    public Overlay overlayOrDefault() {
        return overlay == null ? new Overlay(null) : overlay;
    }

    /** The device in effect. */
    public String bridgeOrDefault() {
        return bridge == null || bridge.isEmpty() ? "longshore0" : bridge;
    }

    /** The pools, for which a subnet is asked. */
    List<Pool> parsed() {
        return pools == null ? List.of() : pools.stream().map(Pool::parse).toList();
    }

    /** A block, and how long the prefixes of its parts are. */
    record Pool(Cidr block, int size) {
        /** So that all parts can be tried in a moment. */
        private static final int MOST_PARTS_BITS = 16;

        static Pool parse(String text) {
            String[] words = text.strip().split("\\s+");
            if (words.length == 2 && words[1].matches("[0-9]{1,3}")) {
                Cidr block = Cidr.parse(words[0]);
                int size = Integer.parseInt(words[1]);
                if (size >= block.prefix() && size <= block.bits() - 2 && size - block.prefix() <= MOST_PARTS_BITS) {
                    return new Pool(block, size);
                }
            }
            throw new Failure.Invalid("\"" + text + "\" is not a block and the prefix length of its parts, at most "
                    + MOST_PARTS_BITS + " bits longer, such as \"172.20.0.0/14 16\"");
        }
    }
}
