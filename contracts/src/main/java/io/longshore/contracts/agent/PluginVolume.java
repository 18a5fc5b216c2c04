package io.longshore.contracts.agent;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A volume as the plugin that has it describes it.
 *
 * @param driver the plugin's name
 * @param name of the volume
 * @param mountpoint where it is on the node, absolute; empty when the plugin does not say, or says what no volume may be
 * @param createdAt as the plugin writes it (RFC 3339); null when it does not say
 * @param status whatever the plugin has to say of it; null for nothing
 * @param scope {@code local} or {@code global}: whether it is this node's alone
 */
public record PluginVolume(
        String driver,
        String name,
        String mountpoint,
        @Nullable String createdAt,
        @Nullable Map<String, Object> status,
        String scope) {}
