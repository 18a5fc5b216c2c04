package io.longshore.container.state;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.commit.GroupCommit;
import io.longshore.platform.data.EventOutbox;
import io.longshore.platform.data.NewEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.namedparam.SqlParameterSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** New container rows: those that come at the same time are one commit. Thread-safe. */
final class RowInserts {
    private final JdbcClient jdbc;
    private final NamedParameterJdbcOperations batches;
    private final TransactionTemplate transactions;
    private final EventOutbox outbox;
    private final GroupCommit<Insert> inserts = new GroupCommit<>(this::insertAll, GroupCommit::isRolledBack);

    RowInserts(
            JdbcClient jdbc,
            NamedParameterJdbcOperations batches,
            TransactionTemplate transactions,
            EventOutbox outbox) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.transactions = transactions;
        this.outbox = outbox;
    }

    /** A new row that many others may be written with. For one batch at a time. */
    private static final class Insert {
        private final ContainerRow row;
        private final Map<String, @Nullable Object> parameters;
        private final List<EventDraft> events;
        /** Whether somebody else has its name: known when its batch is committed. */
        private boolean refused;

        Insert(ContainerRow row, Map<String, @Nullable Object> parameters, List<EventDraft> events) {
            this.row = row;
            this.parameters = parameters;
            this.events = events;
        }
    }

    /** See {@link ContainerStore#insert}. */
    void insert(ContainerRow row, Reserving reserving, List<EventDraft> events, Duration limit) {
        Insert one = new Insert(row, RowColumns.inserting(row, reserving.reservation()), events);
        if (reserving.isChecked()) {
            transactions.executeWithoutResult(status -> {
                Reservations.check(jdbc, row.node(), reserving);
                insert(one);
            });
        } else {
            inserts.write(one, limit);
        }
        if (one.refused) {
            throw nameInUse(row, null);
        }
    }

    private void insert(Insert one) {
        one.refused = (one.events.isEmpty()
                        ? jdbc.sql(RowColumns.INSERT).params(one.parameters).update()
                        : outbox.change(
                                RowColumns.INSERT, "id", one.parameters, AttachedEvents.of(one.row, one.events)))
                == 0;
    }

    private void insertAll(List<Insert> all) {
        if (all.size() == 1) {
            insert(all.getFirst());
            return;
        }
        // In one order everywhere, so that two replicas never wait for each other's names.
        List<Insert> ordered = all.stream()
                .sorted(Comparator.comparing((Insert one) -> one.row.project()).thenComparing(one -> one.row.name()))
                .toList();
        transactions.executeWithoutResult(status -> {
            // A name that another replica is just giving away is waited for alone, not by all.
            jdbc.sql("set local lock_timeout = '1s'").update();
            batches.batchUpdate(
                    RowColumns.INSERT,
                    ordered.stream()
                            .map(one -> new MapSqlParameterSource(one.parameters))
                            .toArray(SqlParameterSource[]::new));
            Set<String> written = written(ordered);
            List<NewEvent> events = new ArrayList<>();
            for (Insert one : ordered) {
                one.refused = !written.contains(one.row.id().value());
                if (!one.refused) {
                    events.addAll(AttachedEvents.of(one.row, one.events));
                }
            }
            outbox.append(events);
        });
    }

    /** The ids of those that are there: a batch that the driver makes one statement of tells of no row by itself. */
    private Set<String> written(List<Insert> all) {
        return Set.copyOf(jdbc.sql("select id from container where id = any(:ids)")
                .param("ids", all.stream().map(one -> one.row.id().value()).toArray(String[]::new))
                .query(String.class)
                .list());
    }

    /** What is said of a row whose name another one has. */
    Failure.Conflict nameInUse(ContainerRow row, @Nullable DuplicateKeyException e) {
        String holder = jdbc.sql("select id from container where project = :project and name = :name")
                .param("project", row.project())
                .param("name", row.name())
                .query(String.class)
                .optional()
                .orElse("(gone meanwhile)");
        String text = "Conflict. The container name \"/" + row.name() + "\" is already in use by container \"" + holder
                + "\". You have to remove (or rename) that container to be able to reuse that name.";
        return e == null ? new Failure.Conflict(text) : new Failure.Conflict(text, e);
    }
}
