package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec.Restart;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import org.jspecify.annotations.Nullable;

/** {@code HostConfig.RestartPolicy}. */
public final class RestartOptions {
    private RestartOptions() {}

    /** Reads it; {@link Failure.Invalid} in Docker's words. */
    public static Restart parse(HostConfig.@Nullable RestartPolicy policy) {
        String name = policy == null || policy.name() == null ? "" : policy.name();
        int retries = policy == null || policy.maximumRetryCount() == null ? 0 : policy.maximumRetryCount();
        Restart.Policy parsed = switch (name) {
            case "", "no" -> Restart.Policy.NO;
            case "always" -> Restart.Policy.ALWAYS;
            case "unless-stopped" -> Restart.Policy.UNLESS_STOPPED;
            case "on-failure" -> Restart.Policy.ON_FAILURE;
            default ->
                throw new Failure.Invalid("invalid restart policy: unknown policy '" + name
                        + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'");
        };
        if (retries != 0 && parsed != Restart.Policy.ON_FAILURE) {
            throw new Failure.Invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'");
        }
        if (retries < 0) {
            throw new Failure.Invalid("invalid restart policy: maximum retry count cannot be negative");
        }
        return new Restart(parsed, retries);
    }

    static void check(HostConfig host) {
        Restart restart = parse(host.restartPolicy());
        if (restart.policy() != Restart.Policy.NO && Boolean.TRUE.equals(host.autoRemove())) {
            throw new Failure.Invalid("can't create 'AutoRemove' container with restart policy");
        }
    }
}
