package io.longshore.contracts.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.UpperCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The portable part of {@code POST /containers/create}, and of an image's configuration (Engine API, ContainerConfig). A field that
 * the client left out is null: defaults are container-service's business.
 */
@JsonNaming(UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record ContainerConfig(
        @Nullable String hostname,
        @Nullable String domainname,
        @Nullable String user,
        @Nullable Boolean attachStdin,
        @Nullable Boolean attachStdout,
        @Nullable Boolean attachStderr,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        Map<String, Map<String, Object>> exposedPorts,

        @Nullable Boolean tty,
        @Nullable Boolean openStdin,
        @Nullable Boolean stdinOnce,
        @Nullable List<String> env,
        @JsonProperty("Cmd") @StringOrList @Nullable List<String> command,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Healthcheck healthcheck,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean argsEscaped,
        @Nullable String image,
        @Nullable Map<String, Map<String, Object>> volumes,
        @Nullable String workingDir,
        @StringOrList @Nullable List<String> entrypoint,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Boolean networkDisabled,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String macAddress,
        @Nullable List<String> onBuild,
        @Nullable Map<String, String> labels,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String stopSignal,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer stopTimeout,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
        List<String> shell) {}
