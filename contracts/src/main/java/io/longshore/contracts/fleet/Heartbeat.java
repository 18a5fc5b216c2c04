package io.longshore.contracts.fleet;

import java.util.Map;
import java.util.Objects;

/**
 * What an agent says of itself.
 *
 * @param name the machine's host name
 * @param agentAddress where its API listens: {@code unix:/path} or {@code https://host:port}
 * @param machine its present boot (boot_id of random(4)): no other machine has it, nor this one after a restart
 * @param labels of the node, from its configuration
 * @param info the machine
 */
public record Heartbeat(String name, String agentAddress, String machine, Map<String, String> labels, NodeInfo info) {
    public Heartbeat {
        machine = Objects.requireNonNullElse(machine, ""); // an agent of before does not say
    }
}
