package io.longshore.network;

import io.longshore.network.definition.Network;
import io.longshore.network.definition.NetworkDefinition;
import io.longshore.network.definition.OverlayOptions;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A network as the Engine API has it (Network), without its containers: who runs is not known here. */
final class NetworkAnswer {
    private NetworkAnswer() {}

    static Map<String, @Nullable Object> of(Network network) {
        NetworkDefinition definition = network.definition();
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("Name", network.name());
        answer.put("Id", network.id());
        answer.put(
                "Created",
                DateTimeFormatter.ISO_INSTANT.format(network.created().atOffset(ZoneOffset.UTC)));
        answer.put("Scope", network.scope());
        answer.put("Driver", network.driver());
        answer.put("EnableIPv4", definition.ipv4());
        answer.put("EnableIPv6", definition.ipv6());
        answer.put("IPAM", ipam(network));
        answer.put("Internal", definition.internal());
        answer.put("Attachable", definition.attachable());
        answer.put("Ingress", false);
        answer.put("ConfigFrom", Map.of("Network", ""));
        answer.put("ConfigOnly", false);
        answer.put("Containers", Map.of());
        answer.put("Options", network.spansNodes() ? OverlayOptions.shown(network) : definition.options());
        answer.put("Labels", definition.labels());
        return answer;
    }

    private static Map<String, @Nullable Object> ipam(Network network) {
        Map<String, @Nullable Object> ipam = new LinkedHashMap<>();
        Map<String, String> options = network.definition().ipamOptions();
        ipam.put("Driver", "default");
        ipam.put("Options", network.predefined() ? null : options);
        ipam.put("Config", network.hasAddresses() ? config(network) : null);
        return ipam;
    }

    private static List<Map<String, Object>> config(Network network) {
        List<Map<String, Object>> configs = new ArrayList<>();
        for (Network.Pool pool : network.pools()) {
            Map<String, Object> config = new LinkedHashMap<>();
            config.put("Subnet", pool.subnet());
            for (NetworkDefinition.Subnet asked : network.definition().subnets()) {
                if (asked.isV6() == pool.isV6()) {
                    if (!asked.range().isEmpty()) {
                        config.put("IPRange", asked.range());
                    }
                    if (!asked.reserved().isEmpty()) {
                        config.put("AuxiliaryAddresses", asked.reserved());
                    }
                }
            }
            config.put("Gateway", pool.gateway());
            configs.add(config);
        }
        return configs;
    }
}
