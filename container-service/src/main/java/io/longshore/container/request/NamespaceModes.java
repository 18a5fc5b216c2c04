package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec.Namespace;
import io.longshore.contracts.agent.ContainerSpec.Namespaces;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.web.Json;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * IpcMode, PidMode, UTSMode and the others: what they may be, and whom they join. A container that is joined is named by the client as
 * it likes; the specification has its id.
 */
public final class NamespaceModes {
    private static final String CONTAINER = "container:";
    private static final String IPC = "IpcMode";
    private static final String PID = "PidMode";
    private static final String NETWORK = "NetworkMode";

    private NamespaceModes() {}

    static void check(ContainerConfig config, HostConfig host) {
        mode("IPC", host.ipcMode(), Set.of("", "private", "shareable", "none", "host"), true);
        mode("PID", host.pidMode(), Set.of("", "private", "host"), true);
        mode("UTS", host.utsMode(), Set.of("", "private", "host"), false);
        mode("cgroup namespace", host.cgroupnsMode(), Set.of("", "private", "host"), false);
        mode("isolation", host.isolation(), Set.of("", "default"), false);
        if ("private".equals(host.usernsMode())) {
            throw Refusals.notYet("HostConfig.UsernsMode", "private", "; leave it out");
        }
        mode("user namespace", host.usernsMode(), Set.of("", "host"), false);
        Refusals.unlessUnset("HostConfig.Cgroup", host.cgroup());
        String hostname = config.hostname();
        if ("host".equals(host.utsMode()) && hostname != null && !hostname.isEmpty()) {
            throw new Failure.Invalid("conflicting options: hostname and the UTS mode");
        }
    }

    private static void mode(String what, @Nullable String value, Set<String> known, boolean joins) {
        String mode = value == null ? "" : value;
        boolean joined = joins && mode.startsWith(CONTAINER) && mode.length() > CONTAINER.length();
        if (!joined && !known.contains(mode)) {
            throw new Failure.Invalid("invalid " + what + " mode: " + mode);
        }
    }

    /** The containers that a request joins, as its sender names them. */
    public static Set<String> joined(@Nullable HostConfig host) {
        Set<String> names = new LinkedHashSet<>();
        if (host != null) {
            name(host.ipcMode(), names);
            name(host.pidMode(), names);
            name(host.networkMode(), names);
        }
        return names;
    }

    private static void name(@Nullable String mode, Set<String> into) {
        if (mode != null && mode.startsWith(CONTAINER)) {
            into.add(mode.substring(CONTAINER.length()));
        }
    }

    /** The request with ids for names. */
    public static CreateRequest resolve(CreateRequest complete, UnaryOperator<String> idOf) {
        HostConfig host = complete.hostConfig();
        if (joined(host).isEmpty()) {
            return complete;
        }
        ObjectNode tree = Json.mapper().valueToTree(Objects.requireNonNull(host));
        for (String field : Set.of(IPC, PID, NETWORK)) {
            String mode = tree.path(field).asString("");
            if (mode.startsWith(CONTAINER)) {
                tree.put(field, CONTAINER + idOf.apply(mode.substring(CONTAINER.length())));
            }
        }
        HostConfig resolved = Json.mapper().treeToValue(tree, HostConfig.class);
        return new CreateRequest(complete.config(), resolved, complete.networkingConfig());
    }

    /** For the agent. A request that joins has passed {@link #resolve}. */
    static Namespaces of(HostConfig host) {
        return new Namespaces(namespace(host.ipcMode()), namespace(host.pidMode()), namespace(host.utsMode()));
    }

    /** The same of a request whose names are not ids: which of its namespaces are the node's. */
    static Namespaces hosts(HostConfig host) {
        return new Namespaces(shared(host.ipcMode()), shared(host.pidMode()), shared(host.utsMode()));
    }

    private static Namespace shared(@Nullable String mode) {
        return "host".equals(mode) ? new Namespace(Namespace.From.HOST, null) : Namespace.PRIVATE;
    }

    private static Namespace namespace(@Nullable String mode) {
        return switch (mode == null ? "" : mode) {
            case "", "private" -> Namespace.PRIVATE;
            case "shareable" -> new Namespace(Namespace.From.SHAREABLE, null);
            case "none" -> new Namespace(Namespace.From.NONE, null);
            case "host" -> new Namespace(Namespace.From.HOST, null);
            case String joined ->
                new Namespace(Namespace.From.CONTAINER, ContainerId.parse(joined.substring(CONTAINER.length())));
        };
    }
}
