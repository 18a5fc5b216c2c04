package io.longshore.container.list;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.Health;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** Which containers {@code GET /containers/json} shows (Engine API, ContainerList). */
final class ContainerFilter {
    static final Set<String> KEYS = Set.of(
            "ancestor",
            "before",
            "exited",
            "expose",
            "health",
            "id",
            "isolation",
            "is-task",
            "label",
            "name",
            "network",
            "publish",
            "since",
            "status",
            "volume");
    private static final Set<String> STATES =
            Set.of("created", "restarting", "running", "removing", "paused", "exited", "dead");
    private static final Set<String> HEALTH = Set.of("starting", "healthy", "unhealthy", "none");

    private ContainerFilter() {}

    /** What the filters name elsewhere: the ids of images made from the ancestors, and the rows of before and since. */
    record Resolved(
            Set<Digest> ancestors,
            @Nullable ContainerRow before,
            @Nullable ContainerRow since) {}

    /** Whether the filters themselves ask for containers that do not run. */
    static boolean asksForStopped(Filters filters) {
        return filters.has("status");
    }

    static Predicate<ContainerRow> of(Filters filters, Resolved resolved) {
        List<Predicate<ContainerRow>> all = new ArrayList<>();
        if (filters.has("ancestor")) {
            all.add(row -> resolved.ancestors().contains(row.image()));
        }
        ContainerRow before = resolved.before();
        if (before != null) {
            all.add(row -> row.created().isBefore(before.created()));
        }
        ContainerRow since = resolved.since();
        if (since != null) {
            all.add(row -> row.created().isAfter(since.created()));
        }
        addState(filters, all);
        addIdentity(filters, all);
        addPorts(filters, all);
        addPlaces(filters, all);
        return row -> all.stream().allMatch(one -> one.test(row));
    }

    private static void addState(Filters filters, List<Predicate<ContainerRow>> all) {
        List<String> states = checked(filters, "status", STATES);
        if (!states.isEmpty()) {
            all.add(row -> states.contains(row.state().engineName()));
        }
        List<Integer> codes =
                filters.of("exited").stream().map(ContainerFilter::exitCode).toList();
        if (!codes.isEmpty()) {
            all.add(row -> row.state() == ContainerState.EXITED && codes.contains(row.exitCode()));
        }
        List<String> health = checked(filters, "health", HEALTH);
        if (!health.isEmpty()) {
            all.add(row -> health.contains(health(row)));
        }
        Boolean task = filters.truth("is-task");
        if (task != null) {
            all.add(row -> row.labels().containsKey("com.docker.swarm.task.id") == task);
        }
    }

    private static String health(ContainerRow row) {
        Health health = row.observed() == null ? null : row.observed().health();
        return health == null ? "none" : health.status().name().toLowerCase(Locale.ROOT);
    }

    private static void addIdentity(Filters filters, List<Predicate<ContainerRow>> all) {
        List<Pattern> ids = patterns("id", filters.of("id"));
        if (!ids.isEmpty()) {
            all.add(row -> ids.stream().anyMatch(id -> found(id, row.id().value())));
        }
        List<Pattern> names = patterns("name", filters.of("name"));
        if (!names.isEmpty()) {
            all.add(row -> names.stream().anyMatch(name -> found(name, "/" + row.name()) || found(name, row.name())));
        }
        if (filters.has("label")) {
            all.add(row -> LabelFilter.hasAll(row.labels(), filters.of("label")));
        }
    }

    private static void addPorts(Filters filters, List<Predicate<ContainerRow>> all) {
        List<PortFilter> exposed = filters.of("expose").stream()
                .map(text -> PortFilter.parse("expose", text))
                .toList();
        if (!exposed.isEmpty()) {
            all.add(row -> PortFilter.anyMatch(exposed, exposedPorts(row.config())));
        }
        List<PortFilter> published = filters.of("publish").stream()
                .map(text -> PortFilter.parse("publish", text))
                .toList();
        if (!published.isEmpty()) {
            all.add(row -> PortFilter.anyMatch(
                    published, publishedPorts(row.hostConfig().portBindings())));
        }
    }

    private static void addPlaces(Filters filters, List<Predicate<ContainerRow>> all) {
        List<String> networks = filters.of("network");
        if (!networks.isEmpty()) {
            all.add(row -> row.resolved().network().endpoints().stream()
                    .map(EndpointSpec::network)
                    .anyMatch(network -> networks.contains(network.name())
                            || networks.stream().anyMatch(network.id()::startsWith)));
        }
        List<String> volumes = filters.of("volume");
        if (!volumes.isEmpty()) {
            all.add(row -> row.resolved().mounts().stream()
                    .anyMatch(mount -> volumes.contains(mount.destination())
                            || (mount.kind() != ContainerSpec.Mount.Kind.TMPFS && volumes.contains(mount.source()))));
        }
        List<String> isolation = filters.of("isolation");
        if (!isolation.isEmpty()) {
            all.add(row -> isolation.contains("default"));
        }
    }

    private static Set<String> exposedPorts(ContainerConfig config) {
        return config.exposedPorts() == null ? Set.of() : config.exposedPorts().keySet();
    }

    /** Host ports, written with the container port's protocol. */
    static Set<String> publishedPorts(@Nullable Map<String, @Nullable List<HostConfig.PortBinding>> bindings) {
        Set<String> ports = new HashSet<>();
        if (bindings != null) {
            bindings.forEach((port, hosts) -> {
                String protocol = port.contains("/") ? port.substring(port.indexOf('/')) : "";
                for (HostConfig.PortBinding host : hosts == null ? List.<HostConfig.PortBinding>of() : hosts) {
                    ports.add(host.hostPort() + protocol);
                }
            });
        }
        return ports;
    }

    private static List<String> checked(Filters filters, String key, Set<String> allowed) {
        for (String value : filters.of(key)) {
            if (!allowed.contains(value.toLowerCase(Locale.ROOT))) {
                throw new Failure.Invalid("invalid filter '" + key + "=" + value + "'");
            }
        }
        return filters.of(key);
    }

    private static int exitCode(String text) {
        if (!text.matches("-?[0-9]{1,9}")) {
            throw new Failure.Invalid("invalid filter 'exited=" + text + "': want a number");
        }
        return Integer.parseInt(text);
    }

    private static boolean found(Pattern pattern, String text) {
        return pattern.matcher(new MeteredText(pattern, text)).find();
    }

    private static List<Pattern> patterns(String key, List<String> values) {
        try {
            return values.stream().map(Pattern::compile).toList();
        } catch (PatternSyntaxException e) {
            throw new Failure.Invalid("invalid filter '" + key + "=" + e.getPattern() + "': " + e.getDescription(), e);
        }
    }
}
