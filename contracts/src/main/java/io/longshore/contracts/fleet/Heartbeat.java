package io.longshore.contracts.fleet;

import java.util.Map;

/**
 * What an agent says of itself.
 *
 * @param name the machine's host name
 * @param agentAddress where its API listens: {@code unix:/path} or {@code https://host:port}
 * @param labels of the node, from its configuration
 * @param info the machine
 */
public record Heartbeat(String name, String agentAddress, Map<String, String> labels, NodeInfo info) {}
