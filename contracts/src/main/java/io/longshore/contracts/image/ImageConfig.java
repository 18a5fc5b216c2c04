package io.longshore.contracts.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.container.Healthcheck;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.UpperCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** What an image says about containers made of it (OCI image spec, config.md, with Docker's additions). All of it is data from outside. */
@JsonNaming(UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ImageConfig(
        @Nullable String user,
        @Nullable Map<String, Map<String, Object>> exposedPorts,
        @Nullable List<String> env,
        @Nullable List<String> entrypoint,
        @JsonProperty("Cmd") @Nullable List<String> command,
        @Nullable Map<String, Map<String, Object>> volumes,
        @Nullable String workingDir,
        @Nullable Map<String, String> labels,
        @Nullable String stopSignal,
        @Nullable Healthcheck healthcheck,
        @Nullable Boolean argsEscaped,
        @Nullable List<String> onBuild,
        @Nullable List<String> shell) {}
