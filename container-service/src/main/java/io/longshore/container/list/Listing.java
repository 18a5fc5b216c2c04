package io.longshore.container.list;

import io.longshore.container.inspect.Sizes;
import io.longshore.container.placement.Nodes;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSize;
import io.longshore.contracts.agent.LinkSpec;
import io.longshore.contracts.container.ContainerCounts;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ImageApi;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Lists containers from the database; agents are asked only for sizes. */
@Component
class Listing {
    private static final Logger LOG = LoggerFactory.getLogger(Listing.class);

    private final ContainerStore store;
    private final Nodes nodes;
    private final ImageApi images;
    private final Sizes sizes;
    private final ListedRows listed;

    Listing(ContainerStore store, Nodes nodes, ImageApi images, Sizes sizes, ListedRows listed) {
        this.listed = listed;
        this.store = store;
        this.nodes = nodes;
        this.images = images;
        this.sizes = sizes;
    }

    /** What to list: with a limit the latest ones, whether they run or not. */
    record Query(
            boolean all, int limit, boolean sized, @Nullable String filters) {}

    /** A list that is read, and has to be written. */
    interface Answer {
        void writeTo(OutputStream out) throws IOException;
    }

    /** The list as JSON. Of all, without sizes, it costs what has changed since the last one. */
    Answer answer(Caller caller, Query query, ApiVersion version) {
        Filters filters = Filters.parse(query.filters(), ContainerFilter.KEYS);
        if (query.sized() || query.limit() > 0 || ContainerFilter.KEYS.stream().anyMatch(filters::has)) {
            List<Map<String, @Nullable Object>> whole = list(caller, query, version);
            return out -> out.write(Json.bytes(whole));
        }
        List<Listed> rows = listed.of(caller, !query.all(), version);
        Map<String, Digest> now =
                resolved(caller, rows.stream().map(Listed::name).collect(Collectors.toSet()));
        Map<ContainerId, List<String>> linked = rows.isEmpty() ? Map.of() : linked(caller.project());
        Instant time = Instant.now();
        return out -> {
            char before = '[';
            for (Listed row : rows) {
                out.write(before);
                before = ',';
                boolean named = now == null || row.row().image().equals(now.get(row.name()));
                row.writeTo(out, named, linked.getOrDefault(row.id(), List.of()), time);
            }
            out.write((rows.isEmpty() ? "[]" : "]").getBytes(StandardCharsets.US_ASCII));
        };
    }

    List<Map<String, @Nullable Object>> list(Caller caller, Query query, ApiVersion version) {
        Filters filters = Filters.parse(query.filters(), ContainerFilter.KEYS);
        boolean onlyRunning = !query.all() && query.limit() <= 0 && !ContainerFilter.asksForStopped(filters);
        var filter = ContainerFilter.of(filters, resolve(caller, filters));
        Instant now = Instant.now();
        List<ContainerRow> rows = store.list(caller.project(), onlyRunning)
                .filter(row -> row.spec() != null)
                .filter(filter)
                .limit(query.limit() > 0 ? query.limit() : Long.MAX_VALUE)
                .toList();
        Map<ContainerId, ContainerSize> measured = query.sized() ? sizes.of(caller, rows) : Map.of();
        Predicate<ContainerRow> named = named(caller, rows);
        Map<ContainerId, List<String>> linked = rows.isEmpty() ? Map.of() : linked(caller.project());
        return rows.stream()
                .map(row -> {
                    String image = named.test(row) ? name(row) : row.image().value();
                    Map<String, @Nullable Object> summary = Summary.of(
                            row, image, nodes.node(caller, row.node()).info(), version, now);
                    summary.put("Names", names(row.name(), linked.getOrDefault(row.id(), List.of())));
                    addSize(summary, measured.get(row.id()));
                    return summary;
                })
                .toList();
    }

    /** Under which names those that are linked to a container know it: {@code /owner/alias}. */
    private Map<ContainerId, List<String>> linked(String project) {
        Map<ContainerId, List<String>> names = new HashMap<>();
        for (ContainerRow owner : store.linked(project)) {
            for (LinkSpec link : owner.resolved().network().links()) {
                names.computeIfAbsent(link.container(), container -> new ArrayList<>())
                        .add("/" + owner.name() + "/" + link.alias());
            }
        }
        return names;
    }

    /** All names of a container, its own and those by which others know it. */
    static List<String> names(String own, List<String> links) {
        return Stream.concat(Stream.of("/" + own), links.stream()).sorted().toList();
    }

    /** Whether the name that a row's image had still leads to it. */
    private Predicate<ContainerRow> named(Caller caller, List<ContainerRow> rows) {
        Map<String, Digest> now =
                resolved(caller, rows.stream().map(Listing::name).collect(Collectors.toSet()));
        return row -> now == null || row.image().equals(now.get(name(row)));
    }

    /** What these names lead to. Null without image-service: a list with the names as they were is better than none. */
    private @Nullable Map<String, Digest> resolved(Caller caller, Set<String> names) {
        if (names.isEmpty()) {
            return Map.of();
        }
        try {
            return images.resolve(caller, names);
        } catch (Failure.Unavailable | Failure.DeadlineExceeded e) {
            LOG.debug("image names are shown as they were: {}", e.text());
            return null;
        }
    }

    private static String name(ContainerRow row) {
        return Objects.requireNonNullElse(row.config().image(), "");
    }

    /** As in Docker a size of zero is left out. */
    private static void addSize(Map<String, @Nullable Object> summary, @Nullable ContainerSize size) {
        if (size != null && size.ownBytes() > 0) {
            summary.put("SizeRw", size.ownBytes());
        }
        if (size != null && size.rootBytes() > 0) {
            summary.put("SizeRootFs", size.rootBytes());
        }
    }

    private ContainerFilter.Resolved resolve(Caller caller, Filters filters) {
        Set<Digest> ancestors = new HashSet<>();
        for (String image : filters.of("ancestor")) {
            ancestors.addAll(images.descendants(caller, image));
        }
        return new ContainerFilter.Resolved(
                ancestors, edge(caller, filters.of("before"), false), edge(caller, filters.of("since"), true));
    }

    /** Of several, the one that leaves the most: the latest for before, the earliest for since. */
    private @Nullable ContainerRow edge(Caller caller, List<String> references, boolean earliest) {
        ContainerRow edge = null;
        for (String reference : references) {
            ContainerRow row = store.find(caller.project(), reference);
            if (edge == null || row.created().isBefore(edge.created()) == earliest) {
                edge = row;
            }
        }
        return edge;
    }

    ContainerCounts count(Caller caller) {
        Map<ContainerState, Integer> counts = store.count(caller.project());
        int total = counts.entrySet().stream()
                .filter(entry -> entry.getKey().visible())
                .mapToInt(Map.Entry::getValue)
                .sum();
        int running = counts.getOrDefault(ContainerState.RUNNING, 0);
        int paused = counts.getOrDefault(ContainerState.PAUSED, 0);
        return new ContainerCounts(total, running, paused, total - running - paused);
    }
}
