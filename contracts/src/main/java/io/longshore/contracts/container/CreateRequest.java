package io.longshore.contracts.container;

import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /containers/create} as received: the first of the three shapes of a container. It is stored as it came and
 * echoed by inspect. In JSON as sent by clients the fields of {@code config} stand beside {@code HostConfig} and {@code NetworkingConfig}.
 */
public record CreateRequest(
        ContainerConfig config,
        @Nullable HostConfig hostConfig,
        @Nullable NetworkingConfig networkingConfig) {}
