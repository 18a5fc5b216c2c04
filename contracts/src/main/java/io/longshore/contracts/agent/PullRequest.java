package io.longshore.contracts.agent;

import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which layers to bring from a registry; see {@link AgentPaths#PULL}.
 *
 * @param repository in full: {@code docker.io/library/busybox}
 * @param access how to reach it
 * @param login as whom, null for nobody
 * @param layers lowest first
 */
public record PullRequest(
        String repository, RegistryAccess access, @Nullable RegistryLogin login, List<RemoteLayer> layers) {}
