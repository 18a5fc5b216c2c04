package io.longshore.contracts.agent;

import java.util.Map;

/** How to make a volume: the node's volume driver by name, and that driver's options. */
public record VolumeOptions(String driver, Map<String, String> options) {}
