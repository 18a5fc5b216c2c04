package io.longshore.contracts.agent;

import io.longshore.contracts.id.Digest;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which layers to bring to a registry; see {@link AgentPaths#PUSH}.
 *
 * @param repository in full: {@code docker.io/library/busybox}
 * @param access how to reach it
 * @param login as whom, null for nobody
 * @param diffIds of the layers, lowest first
 * @param mountFrom repositories of the same registry, without its name, that may have them already
 */
public record PushRequest(
        String repository,
        RegistryAccess access,
        @Nullable RegistryLogin login,
        List<Digest> diffIds,
        List<String> mountFrom) {}
