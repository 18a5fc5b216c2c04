package io.longshore.fleet;

import io.longshore.contracts.fleet.Node;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import java.util.List;
import java.util.function.Predicate;

/** The query parameter {@code filters} of {@code GET /nodes}. All nodes are workers and accepted. */
record NodeFilter(Filters filters) implements Predicate<Node> {
    @Override
    public boolean test(Node node) {
        return any("id", value -> node.id().value().startsWith(value))
                && any("name", value -> node.name().startsWith(value))
                && any("label", value -> LabelFilter.hasAll(node.labels(), List.of(value)))
                && any("node.label", value -> LabelFilter.hasAll(node.spec().labels(), List.of(value)))
                && any("role", "worker"::equals)
                && any("membership", "accepted"::equals);
    }

    private boolean any(String key, Predicate<String> matches) {
        List<String> wanted = filters.of(key);
        return wanted.isEmpty() || wanted.stream().anyMatch(matches);
    }
}
