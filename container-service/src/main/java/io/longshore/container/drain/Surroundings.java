package io.longshore.container.drain;

import io.longshore.container.state.ContainerRow;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.LinkSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.id.ContainerId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the containers of a node have to do with each other.
 *
 * @param names of all of them
 * @param needs which others each of them needs beside it: whose namespaces it shares, or to which it is linked
 * @param onNetwork who is on each network that does not leave its node
 */
record Surroundings(
        Map<ContainerId, String> names,
        Map<ContainerId, Set<ContainerId>> needs,
        Map<String, Set<ContainerId>> onNetwork) {

    /** Of all rows of a node. */
    static Surroundings of(List<ContainerRow> rows) {
        Map<ContainerId, String> names = new HashMap<>();
        Map<ContainerId, Set<ContainerId>> needs = new LinkedHashMap<>();
        Map<String, Set<ContainerId>> onNetwork = new HashMap<>();
        for (ContainerRow row : rows) {
            names.put(row.id(), row.name());
            ContainerSpec spec = row.spec();
            if (spec != null) {
                needs.put(row.id(), needed(spec));
                networks(spec)
                        .forEach(network -> onNetwork
                                .computeIfAbsent(network.id(), none -> new LinkedHashSet<>())
                                .add(row.id()));
            }
        }
        return new Surroundings(names, needs, onNetwork);
    }

    private static Set<ContainerId> needed(ContainerSpec spec) {
        Set<ContainerId> needed = new LinkedHashSet<>();
        ContainerSpec.Namespaces namespaces = spec.security().namespaces();
        Stream.of(
                        spec.network().joined(),
                        namespaces.pid().container(),
                        namespaces.ipc().container())
                .filter(java.util.Objects::nonNull)
                .forEach(needed::add);
        spec.network().links().stream().map(LinkSpec::container).forEach(needed::add);
        return needed;
    }

    /** Its networks that do not leave their node: those of driver bridge that a project has made. */
    static List<NetworkSpec> networks(ContainerSpec spec) {
        return spec.network().endpoints().stream()
                .map(EndpointSpec::network)
                .filter(network -> network.bridge() != null && !network.spansNodes())
                .filter(network -> !network.bridgeOptions().predefined())
                .toList();
    }

    /** The name of one that it needs, or that needs it; empty for none. */
    String tiedTo(ContainerId id) {
        return Stream.concat(
                        needs.getOrDefault(id, Set.of()).stream(),
                        needs.entrySet().stream()
                                .filter(other -> other.getValue().contains(id))
                                .map(Map.Entry::getKey))
                .findFirst()
                .map(other -> names.getOrDefault(other, other.shortForm()))
                .orElse("");
    }

    /** The names of others on a network that does not leave its node. */
    Set<String> others(ContainerId own, NetworkSpec network) {
        Set<String> others = new TreeSet<>();
        onNetwork.getOrDefault(network.id(), Set.of()).stream()
                .filter(id -> !id.equals(own))
                .forEach(id -> others.add(names.getOrDefault(id, id.shortForm())));
        return others;
    }
}
