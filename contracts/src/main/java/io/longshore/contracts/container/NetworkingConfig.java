package io.longshore.contracts.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.UpperCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** The networks to connect at create (Engine API, NetworkingConfig), by network name or id. */
@JsonNaming(UpperCamelCaseStrategy.class)
public record NetworkingConfig(
        @JsonSetter(contentNulls = Nulls.SET) @Nullable Map<String, @Nullable EndpointConfig> endpointsConfig) {
    /** What a client may ask of one endpoint (Engine API, EndpointSettings). */
    @JsonNaming(UpperCamelCaseStrategy.class)
    public record EndpointConfig(
            @JsonProperty("IPAMConfig") @Nullable IpamConfig ipamConfig,
            @Nullable List<String> links,
            @Nullable List<String> aliases,
            @Nullable String macAddress,
            @Nullable Map<String, String> driverOpts,
            @Nullable Integer gwPriority) {
        /** Nothing in particular. */
        public static final EndpointConfig ANY = new EndpointConfig(null, null, null, null, null, null);
    }

    /** The addresses that a client wants (Engine API, EndpointIPAMConfig). */
    @JsonNaming(UpperCamelCaseStrategy.class)
    public record IpamConfig(
            @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonProperty("IPv4Address") @Nullable
            String ipv4Address,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonProperty("IPv6Address") @Nullable
            String ipv6Address,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonProperty("LinkLocalIPs") @Nullable
            List<String> linkLocalIps) {}
}
