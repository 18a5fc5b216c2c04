package io.longshore.agent.sandbox;

import io.longshore.agent.networkdriver.Endpoint;
import io.longshore.agent.sandbox.SandboxRecord.Interface;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec.Bridge;
import io.longshore.contracts.id.ContainerId;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/** What the interfaces of a container are called, in its sandbox and on the node. */
final class InterfaceNames {
    /** At most 15 bytes in all. The container's id shows whose it is; what is random was never another interface's that is still going away. */
    private static final int OF_ID = 8;

    private static final int RANDOM = 5;
    private static final String DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
    private static final SecureRandom DICE = new SecureRandom();

    private final ContainerId container;

    InterfaceNames(ContainerId container) {
        this.container = container;
    }

    /** An interface for each endpoint: the one that it has, or another with the first free number. */
    List<Interface> of(List<EndpointSpec> endpoints, List<Interface> present) {
        List<Interface> all = new ArrayList<>();
        for (EndpointSpec endpoint : endpoints) {
            Interface own = present.stream()
                    .filter(each -> each.endpoint().id().equals(endpoint.id()))
                    .findFirst()
                    .map(each -> new Interface(endpoint, each.inside(), each.outside()))
                    .orElse(null);
            all.add(own == null ? new Interface(endpoint, inside(endpoint, all, present), outside()) : own);
        }
        return all;
    }

    private static String inside(EndpointSpec endpoint, List<Interface> all, List<Interface> present) {
        Bridge bridge = endpoint.network().bridge();
        String prefix = bridge == null || bridge.interfacePrefix().isEmpty() ? "eth" : bridge.interfacePrefix();
        for (int number = 0; ; number++) {
            String name = prefix + number;
            if (all.stream().noneMatch(each -> each.inside().equals(name))
                    && present.stream().noneMatch(each -> each.inside().equals(name))) {
                return name;
            }
        }
    }

    private String outside() {
        StringBuilder name = new StringBuilder(Endpoint.OUTSIDE).append(container.value(), 0, OF_ID);
        for (int i = 0; i < RANDOM; i++) {
            name.append(DIGITS.charAt(DICE.nextInt(DIGITS.length())));
        }
        return name.toString();
    }
}
