package io.longshore.container.network;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkDescription;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** {@code GET /networks/{id}}: the network with the containers on it that run. */
@Component
class NetworkInspection {
    private static final int PAGE = 1_000;

    private final ContainerStore store;
    private final NetworkApi networks;

    NetworkInspection(ContainerStore store, NetworkApi networks) {
        this.store = store;
        this.networks = networks;
    }

    Map<String, @Nullable Object> inspect(Caller caller, String reference) {
        NetworkDescription network = networks.find(caller, reference);
        Map<String, @Nullable Object> answer = new LinkedHashMap<>(network.answer());
        answer.put("Containers", containers(caller, network.spec().id()));
        return answer;
    }

    private Map<String, Object> containers(Caller caller, String network) {
        Map<String, Object> containers = new LinkedHashMap<>();
        String after = null;
        List<Owner> page;
        do {
            page = networks.owners(caller, network, null, after);
            List<String> ids =
                    page.stream().map(owner -> owner.container().value()).toList();
            for (ContainerRow row : store.byIds(ids)) {
                row.resolved().network().endpoints().stream()
                        .filter(one ->
                                row.state().hasProcess() && one.network().id().equals(network))
                        .forEach(one -> containers.put(row.id().value(), container(row, one)));
            }
            after = page.isEmpty() ? null : page.getLast().container().value();
        } while (page.size() == PAGE);
        return containers;
    }

    private static Map<String, Object> container(ContainerRow row, EndpointSpec endpoint) {
        Map<String, Object> container = new LinkedHashMap<>();
        container.put("Name", row.name());
        container.put("EndpointID", endpoint.id());
        container.put("MacAddress", endpoint.mac());
        container.put("IPv4Address", address(endpoint, false));
        container.put("IPv6Address", address(endpoint, true));
        return container;
    }

    private static String address(EndpointSpec endpoint, boolean v6) {
        return endpoint.addresses().stream()
                .filter(address -> address.indexOf(':') >= 0 == v6)
                .findFirst()
                .orElse("");
    }
}
