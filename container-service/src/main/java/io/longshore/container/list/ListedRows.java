package io.longshore.container.list;

import io.longshore.container.placement.Nodes;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.ContainerStore.Head;
import io.longshore.contracts.Caller;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.engine.ApiVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What lists have of containers, kept for as long as their rows stay the same: of a fleet's twenty thousand a few have changed since the
 * last list, and reading and writing the others' documents anew would take seconds. Thread-safe.
 */
@Component
class ListedRows {
    /** Bytes: those of thirty thousand usual containers. The least recently listed go first. */
    private static final long MOST = 32L << 20;

    private final ContainerStore store;
    private final Nodes nodes;
    private final Map<Key, Listed> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    ListedRows(ContainerStore store, Nodes nodes) {
        this.store = store;
        this.nodes = nodes;
    }

    /** What older clients see is another text. */
    private record Key(ContainerId id, ApiVersion version) {}

    /** The project's, latest first; without those that are gone, or do not run any more though only such are asked for, when they are read. */
    List<Listed> of(Caller caller, boolean onlyRunning, ApiVersion version) {
        List<Head> heads = store.heads(caller.project(), onlyRunning);
        Map<ContainerId, Listed> found = HashMap.newHashMap(heads.size());
        List<Head> missing = new ArrayList<>();
        for (Head head : heads) {
            Listed known = known(new Key(head.id(), version), head);
            if (known == null) {
                missing.add(head);
            } else {
                found.put(head.id(), known);
            }
        }
        store.rows(missing, onlyRunning).filter(row -> row.spec() != null).forEach(row -> {
            Listed read = read(caller, row, version);
            found.put(row.id(), read);
            // Where a volume is on its node the row does not say.
            if (row.resolved().mounts().isEmpty()) {
                keep(new Key(row.id(), version), read);
            }
        });
        return heads.stream()
                .map(head -> found.get(head.id()))
                .filter(Objects::nonNull)
                .toList();
    }

    private Listed read(Caller caller, ContainerRow row, ApiVersion version) {
        Map<String, @Nullable Object> summary =
                Summary.of(row, "", nodes.node(caller, row.node()).info(), version, Instant.EPOCH);
        return Listed.of(row, summary);
    }

    private synchronized @Nullable Listed known(Key key, Head head) {
        Listed known = kept.get(key);
        return known != null && known.row().head().equals(head) ? known : null;
    }

    private synchronized void keep(Key key, Listed listed) {
        Listed before = kept.put(key, listed);
        bytes += listed.size() - (before == null ? 0 : before.size());
        Iterator<Listed> oldest = kept.values().iterator();
        while (bytes > MOST && oldest.hasNext()) {
            bytes -= oldest.next().size();
            oldest.remove();
        }
    }
}
