package io.longshore.container.state;

import io.longshore.contracts.id.ContainerId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows as this process last read or wrote them, so that the two JSON documents of a row, most of what reading one costs, are parsed once
 * while only its state changes. A row kept here is one version of it, and true for as long as the database has that version. Thread-safe.
 */
final class RecentRows {
    /** The least recently used goes first. A usual row takes about 10 KB. */
    private static final int MOST = 256;

    /** In characters of its JSON: a row that is larger than usual is read anew each time, so that no client fills the heap with them. */
    private static final int LARGEST = 16 * 1024;

    private final LinkedHashMap<ContainerId, ContainerRow> rows = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ContainerId, ContainerRow> eldest) {
            return size() > MOST;
        }
    };

    synchronized @Nullable ContainerRow get(ContainerId id) {
        return rows.get(id);
    }

    /** Keeps a row that was read, unless a later version of it is there or it is too large. */
    synchronized void read(ContainerRow row, int characters) {
        if (characters <= LARGEST) {
            rows.merge(row.id(), row, (one, other) -> one.version() > other.version() ? one : other);
        }
    }

    /** Keeps what has become of a row that is here. */
    synchronized void written(ContainerRow row) {
        rows.computeIfPresent(row.id(), (id, before) -> before.version() > row.version() ? before : row);
    }

    synchronized void forget(ContainerId id) {
        rows.remove(id);
    }

    synchronized void forgetAll() {
        rows.clear();
    }
}
