package io.longshore.contracts.agent;

import java.util.List;

/**
 * The volumes of all plugins of a node.
 *
 * @param volumes by driver and name
 * @param warnings what went wrong with a plugin, a sentence each, which begins {@code list NAME: }
 */
public record PluginVolumes(List<PluginVolume> volumes, List<String> warnings) {}
