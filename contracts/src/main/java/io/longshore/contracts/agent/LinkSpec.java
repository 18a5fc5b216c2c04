package io.longshore.contracts.agent;

import io.longshore.contracts.id.ContainerId;
import java.util.List;

/**
 * Another container on the default network, of which this one is told in its environment and its /etc/hosts ({@code HostConfig.Links} of the
 * Engine API).
 *
 * @param container the other one
 * @param alias by which this one knows it
 * @param name the other one's, as of when the link was made
 * @param environment what the other one was configured with, {@code NAME=value}
 * @param ports that the other one exposes, {@code 6379/tcp}
 */
public record LinkSpec(ContainerId container, String alias, String name, List<String> environment, List<String> ports) {
    public LinkSpec {
        environment = List.copyOf(environment);
        ports = List.copyOf(ports);
    }
}
