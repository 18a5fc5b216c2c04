package io.longshore.agent.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints a network has, by name and by address. What is put is seen by the next query, of sandboxes that are on the network. Several
 * endpoints may share a name: it then has the addresses of all. Case does not matter (RFC 4343). Thread-safe.
 */
public final class NetworkNames {
    private record Endpoint(String id, List<String> names, List<InetAddress> addresses) {}

    /** Readers take no lock and see each name as it was before a change or after it; writers have the zone for themselves. */
    private static final class Zone {
        private final Map<String, Endpoint> endpoints = new HashMap<>();
        private final Map<String, List<Endpoint>> byName = new ConcurrentHashMap<>();
        private final Map<InetAddress, List<Endpoint>> byAddress = new ConcurrentHashMap<>();

        void put(Endpoint endpoint) {
            Endpoint old = endpoints.put(endpoint.id(), endpoint);
            Set<String> names = new LinkedHashSet<>();
            endpoint.names().forEach(name -> names.add(key(name)));
            names.forEach(name -> byName.merge(name, List.of(endpoint), NetworkNames::replaced));
            endpoint.addresses()
                    .forEach(address -> byAddress.merge(address, List.of(endpoint), NetworkNames::replaced));
            if (old != null) {
                old.names().stream()
                        .map(NetworkNames::key)
                        .filter(name -> !names.contains(name))
                        .forEach(name -> drop(byName, name, old.id()));
                old.addresses().stream()
                        .filter(address -> !endpoint.addresses().contains(address))
                        .forEach(address -> drop(byAddress, address, old.id()));
            }
        }

        boolean remove(String id) {
            Endpoint old = endpoints.remove(id);
            if (old != null) {
                old.names().forEach(name -> drop(byName, key(name), id));
                old.addresses().forEach(address -> drop(byAddress, address, id));
            }
            return endpoints.isEmpty();
        }

        private static <K> void drop(Map<K, List<Endpoint>> map, K key, String id) {
            map.computeIfPresent(key, (same, endpoints) -> {
                List<Endpoint> left = without(endpoints, id);
                return left.isEmpty() ? null : left;
            });
        }
    }

    private final Map<String, Zone> zones = new ConcurrentHashMap<>();

    /**
     * Sets what an endpoint is called, in place of what was put for it before.
     *
     * @param names in the order of {@link #of}; the first is what its addresses are called in return
     * @param addresses IPv4, IPv6 or both; may be empty, then the names exist without an address
     */
    public void put(String networkId, String endpointId, List<String> names, List<InetAddress> addresses) {
        Endpoint endpoint = new Endpoint(endpointId, List.copyOf(names), List.copyOf(addresses));
        zones.compute(networkId, (id, zone) -> {
            Zone changed = zone == null ? new Zone() : zone;
            changed.put(endpoint);
            return changed;
        });
    }

    /** Takes away all names of an endpoint. No error when there are none. */
    public void remove(String networkId, String endpointId) {
        zones.computeIfPresent(networkId, (id, zone) -> zone.remove(endpointId) ? null : zone);
    }

    /**
     * What Docker Engine calls an endpoint: container name, aliases, the first 12 digits of the container's id, host name; each once.
     *
     * @param containerName without a slash; may be empty
     */
    public static List<String> of(String containerName, List<String> aliases, String containerId, String hostname) {
        return Stream.of(
                        Stream.of(containerName),
                        aliases.stream(),
                        Stream.of(containerId.substring(0, Math.min(12, containerId.length())), hostname))
                .flatMap(names -> names)
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
    }

    /** All addresses of a name, each once; empty if it has none; null if the network knows no such name. */
    @Nullable
    List<InetAddress> addresses(String networkId, String name) {
        Zone zone = zones.get(networkId);
        List<Endpoint> endpoints = zone == null ? null : zone.byName.get(key(name));
        if (endpoints == null) {
            return null;
        }
        if (endpoints.size() == 1) {
            return endpoints.getFirst().addresses();
        }
        return endpoints.stream()
                .flatMap(endpoint -> endpoint.addresses().stream())
                .distinct()
                .toList();
    }

    /** The name of the endpoint that has this address; null if none has, or it has no name. */
    @Nullable
    String name(String networkId, InetAddress address) {
        Zone zone = zones.get(networkId);
        List<Endpoint> endpoints = zone == null ? null : zone.byAddress.get(address);
        return endpoints == null || endpoints.getFirst().names().isEmpty()
                ? null
                : endpoints.getFirst().names().getFirst();
    }

    /** Names differ in more than the case of their letters. */
    static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static List<Endpoint> replaced(List<Endpoint> there, List<Endpoint> added) {
        List<Endpoint> all = new ArrayList<>(without(there, added.getFirst().id()));
        all.addAll(added);
        return List.copyOf(all);
    }

    private static List<Endpoint> without(List<Endpoint> endpoints, String id) {
        return endpoints.stream().filter(endpoint -> !endpoint.id().equals(id)).toList();
    }
}
