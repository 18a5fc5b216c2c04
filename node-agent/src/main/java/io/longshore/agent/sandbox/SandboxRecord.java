package io.longshore.agent.sandbox;

import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.id.ContainerId;
import java.util.List;

/**
 * What is in a container's sandbox, or is about to be.
 *
 * @param container whose
 * @param interfaces by the order in which they came
 * @param published ports
 * @param changing whether some of the interfaces are on their way in or out: those that are to go are among them, and those that are to come
 *     may not be there
 */
record SandboxRecord(
        ContainerId container, List<Interface> interfaces, List<PublishedPort> published, boolean changing) {
    SandboxRecord {
        interfaces = List.copyOf(interfaces);
        published = List.copyOf(published);
    }

    /** One endpoint's: its name in the sandbox and that of its other end on the node. */
    record Interface(EndpointSpec endpoint, String inside, String outside) {}

    List<EndpointSpec> endpoints() {
        return interfaces.stream().map(Interface::endpoint).toList();
    }

    SandboxRecord interfaces(List<Interface> others) {
        return new SandboxRecord(container, others, published, changing);
    }

    SandboxRecord changing(boolean now) {
        return new SandboxRecord(container, interfaces, published, now);
    }

    SandboxRecord published(List<PublishedPort> others) {
        return new SandboxRecord(container, interfaces, others, changing);
    }
}
