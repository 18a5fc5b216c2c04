package io.longshore.container.state;

import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.data.EventOutbox;
import io.longshore.platform.data.NewEvent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The container rows. Each write is one statement and one commit, its event included (a second event costs a statement more), and
 * names the version that it replaces. Whoever waits for a change is woken after the commit. A row that was read or changed lately and still
 * has the same version is not read again. Thread-safe.
 */
@Component
public class ContainerStore {
    /** Links are from before networks had names: nobody has so many. A list shows no more. */
    private static final int MOST_LINKED = 1_000;

    /** Rows in the heap at once while all are read. */
    private static final int PAGE = 250;

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final EventOutbox outbox;
    private final ChangeSignal signal;
    private final RecentRows recent = new RecentRows();
    private final RowInserts inserts;

    ContainerStore(
            JdbcClient jdbc,
            NamedParameterJdbcOperations batches,
            TransactionTemplate transactions,
            EventOutbox outbox,
            ChangeSignal signal) {
        this.jdbc = jdbc;
        this.inserts = new RowInserts(jdbc, batches, transactions, outbox);
        this.transactions = transactions;
        this.outbox = outbox;
        this.signal = signal;
    }

    /**
     * Writes a new row; {@link Failure.Conflict} names the container that has the name, {@link NodeFull} says that its node does not have what
     * it reserves. What is reserved is looked at and written in one transaction, in which nobody else reserves anything of that node. Rows
     * without reservations that come at the same time are one commit.
     *
     * @param limit how long it may wait for others' commits: after that it is not written
     */
    public void insert(ContainerRow row, Reserving reserving, List<EventDraft> events, Duration limit) {
        inserts.insert(row, reserving, events, limit);
    }

    /** Replaces the row that the step started from; false when somebody else has changed it since. */
    public boolean replace(Step step) {
        boolean done;
        try {
            done = write(step.row(), RowColumns.UPDATE, RowColumns.changing(step.row()), step.events());
        } catch (DuplicateKeyException e) {
            throw inserts.nameInUse(step.row(), e);
        }
        if (done) {
            ContainerRow now = step.row().at(step.row().version() + 1);
            recent.written(now);
            signal.raise(now, false);
        } else {
            recent.forget(step.row().id());
        }
        return done;
    }

    /** Completes a row that was written half made; false when it has been undone meanwhile. */
    public boolean resolve(Step step) {
        return write(step.row(), RowColumns.RESOLVE, RowColumns.parameters(step.row()), step.events());
    }

    /** Replaces what the container was asked to be and ends its update, in the version given; false when somebody else has changed it since. */
    public boolean reconfigure(Step step) {
        boolean done = write(step.row(), RowColumns.RECONFIGURE, RowColumns.parameters(step.row()), step.events());
        recent.forget(step.row().id());
        return done;
    }

    /** Writes that the container is where it was to move; false when somebody else has changed the row since, or it is not on its way there. */
    public boolean move(ContainerRow row) {
        boolean done =
                jdbc.sql(RowColumns.MOVE).params(RowColumns.parameters(row)).update() == 1;
        recent.forget(row.id());
        return done;
    }

    /** The same with what it tells of the container's networks. */
    public boolean reconnect(ContainerRow row, List<NetworkSpec> left, List<NetworkSpec> joined) {
        return reconnect(RowColumns.RECONFIGURE, row, left, joined);
    }

    /** The same of one that has more to do: its update ends with {@link #updated}. */
    public boolean disconnect(ContainerRow row, List<NetworkSpec> left) {
        return reconnect(RowColumns.REPLACE, row, left, List.of());
    }

    private boolean reconnect(String statement, ContainerRow row, List<NetworkSpec> left, List<NetworkSpec> joined) {
        List<NewEvent> events = Stream.concat(
                        left.stream().map(network -> AttachedEvents.of(row, network, "disconnect")),
                        joined.stream().map(network -> AttachedEvents.of(row, network, "connect")))
                .toList();
        Map<String, @Nullable Object> parameters = RowColumns.parameters(row);
        int changed = events.isEmpty()
                ? jdbc.sql(statement).params(parameters).update()
                : outbox.change(statement, "id", parameters, events);
        recent.forget(row.id());
        return changed == 1;
    }

    /** The rows of these ids that are there. */
    public List<ContainerRow> byIds(List<String> ids) {
        return ids.isEmpty()
                ? List.of()
                : jdbc.sql(RowColumns.SELECT + " where id in (:ids) and state <> 'CREATING' order by created, id")
                        .param("ids", ids)
                        .query(RowColumns::read)
                        .list();
    }

    /** Deletes the row in the version given; false when somebody else has changed or deleted it since. */
    public boolean delete(ContainerRow row, List<EventDraft> events) {
        Map<String, Object> parameters = Map.of("id", row.id().value(), "version", row.version());
        boolean done = write(row, RowColumns.DELETE, parameters, events);
        recent.forget(row.id());
        if (done) {
            signal.raise(row, true);
        }
        return done;
    }

    /** One statement is a transaction by itself, which saves the round trip of a commit. */
    private boolean write(ContainerRow row, String change, Map<String, ?> parameters, List<EventDraft> events) {
        if (events.isEmpty()) {
            return jdbc.sql(change).params(parameters).update() == 1;
        }
        return outbox.change(change, "id", parameters, AttachedEvents.of(row, events)) == 1;
    }

    /** Commits an event that goes with no change of the row, such as an attach. */
    public void tell(ContainerRow row, EventDraft draft) {
        transactions.executeWithoutResult(status -> outbox.append(draft.of(row)));
    }

    /** Commits an event that is about no one container. */
    public void tell(String project, EventDraft draft) {
        transactions.executeWithoutResult(
                status -> outbox.append(new NewEvent(project, "container", draft.action(), "", draft.attributes())));
    }

    /** The row; in any state. By the primary key, which also keeps its plan. */
    public Optional<ContainerRow> byId(ContainerId id) {
        return byId(id, "");
    }

    /** The row, unless any replica restarts the container, which {@link Restarts} tells of. */
    public Optional<ContainerRow> unlessRestarted(ContainerId id) {
        return byId(id, RowColumns.NOT_RESTARTED);
    }

    private Optional<ContainerRow> byId(ContainerId id, String condition) {
        ContainerRow kept = recent.get(id);
        if (kept != null) {
            Boolean same = jdbc.sql(RowColumns.SAME + condition)
                    .params(RowColumns.telling(kept))
                    .query(Boolean.class)
                    .optional()
                    .orElse(null);
            if (Boolean.TRUE.equals(same)) {
                return Optional.of(kept);
            }
            recent.forget(id);
            if (same == null) {
                return Optional.empty();
            }
        }
        return jdbc.sql(RowColumns.SELECT + " where id = :id" + condition)
                .param("id", id.value())
                .query(this::kept)
                .optional();
    }

    private ContainerRow kept(ResultSet columns, int index) throws SQLException {
        ContainerRow row = RowColumns.read(columns, index);
        recent.read(row, RowColumns.characters(columns));
        return row;
    }

    /**
     * A running container's row as this process last read or changed it, without asking the database: good for a change only, which fails when
     * that was not the latest version. Null when it is not known.
     */
    public @Nullable ContainerRow lately(ContainerId id) {
        ContainerRow row = recent.get(id);
        return row != null && row.state().alive() ? row : null;
    }

    /**
     * The project's container with this full id, else this name, else the only one whose id begins so. {@link Failure.NotFound} and, for
     * a prefix of several, {@link Failure.Invalid}.
     */
    public ContainerRow find(String project, String reference) {
        if (reference.indexOf('\0') >= 0) {
            throw new Failure.Invalid("invalid container name or id: it contains a NUL character");
        }
        // A whole id is what programs ask for.
        Optional<ContainerRow> exact = reference.matches("[0-9a-f]{64}")
                ? byId(ContainerId.parse(reference))
                        .filter(row -> row.project().equals(project) && row.state() != ContainerState.CREATING)
                : Optional.empty();
        return exact.orElseGet(() -> search(project, reference));
    }

    private ContainerRow search(String project, String reference) {
        String name = reference.startsWith("/") ? reference.substring(1) : reference;
        String prefix = reference.matches("[0-9a-f]{1,64}") ? reference : "-";
        List<ContainerRow> rows = jdbc.sql(RowColumns.SELECT + " " + """
                         where project = :project and state <> 'CREATING' and (name = :name or id like :prefix)
                        order by id = :reference desc, name = :name desc limit 2""")
                .param("project", project)
                .param("name", name)
                .param("reference", reference)
                .param("prefix", prefix + "%")
                .query(RowColumns::read)
                .list();
        if (rows.isEmpty()) {
            throw new Failure.NotFound("No such container: " + reference);
        }
        ContainerRow first = rows.getFirst();
        boolean exact = first.name().equals(name) || first.id().value().equals(reference);
        if (!exact && rows.size() > 1) {
            throw new Failure.Invalid("Multiple IDs found with provided prefix: " + reference);
        }
        return first;
    }

    /**
     * Which version of a row there is: what a row costs are its documents, and this is without them.
     *
     * @param id of the container
     * @param version of the row
     * @param state its state
     * @param name its name
     * @param starts how many starts are accounted for
     * @param exits how many ends are
     */
    public record Head(ContainerId id, long version, ContainerState state, String name, long starts, long exits) {
        /** Of a row. */
        public static Head of(ContainerRow row) {
            return new Head(row.id(), row.version(), row.state(), row.name(), row.starts(), row.exits());
        }
    }

    /** The database may have been restored to an earlier state: no row is taken as known any more. */
    public void forgetRecent() {
        recent.forgetAll();
    }

    /** The project's visible containers, latest first. */
    public List<Head> heads(String project, boolean onlyRunning) {
        return jdbc.sql(
                        "select id, version, state, name, starts, exits from container where project = :project and state "
                                + (onlyRunning ? "in ('RUNNING', 'PAUSED', 'RESTARTING')" : "<> 'CREATING'")
                                + " order by created desc, id")
                .param("project", project)
                .query((row, index) -> new Head(
                        ContainerId.parse(row.getString("id")),
                        row.getLong("version"),
                        ContainerState.valueOf(row.getString("state")),
                        row.getString("name"),
                        row.getLong("starts"),
                        row.getLong("exits")))
                .list();
    }

    /**
     * The rows of these heads as they are when they are come to, in the same order; one that is gone by then, or was asked for because it ran and
     * does not any more, is left out. A page of them is read at a time, since all rows of a fleet do not fit into the heap: keep no more of
     * them than is needed.
     */
    public Stream<ContainerRow> rows(List<Head> heads, boolean onlyRunning) {
        return IntStream.range(0, (heads.size() + PAGE - 1) / PAGE)
                .mapToObj(page -> heads.subList(page * PAGE, Math.min(heads.size(), (page + 1) * PAGE)))
                .flatMap(page -> {
                    Map<ContainerId, ContainerRow> found = new HashMap<>();
                    byIds(page.stream().map(head -> head.id().value()).toList()).stream()
                            .filter(row -> !onlyRunning || row.state().alive())
                            .forEach(row -> found.put(row.id(), row));
                    return page.stream().map(head -> found.get(head.id())).filter(Objects::nonNull);
                });
    }

    /** The project's visible containers, latest first, page by page as {@link #rows} has them. */
    public Stream<ContainerRow> list(String project, boolean onlyRunning) {
        return rows(heads(project, onlyRunning), onlyRunning);
    }

    /** The project's containers that are linked to others. */
    public List<ContainerRow> linked(String project) {
        return jdbc.sql(RowColumns.SELECT + " " + """
                         where project = :project and state <> 'CREATING' and spec -> 'network' -> 'links' <> '[]'::jsonb
                        order by created, id limit :limit""")
                .param("project", project)
                .param("limit", MOST_LINKED)
                .query(RowColumns::read)
                .list();
    }

    /** How many of the project's containers are in which state. */
    public Map<ContainerState, Integer> count(String project) {
        return jdbc
                .sql("select state, count(*) as n from container where project = :project group by state")
                .param("project", project)
                .query((row, index) -> Map.entry(ContainerState.valueOf(row.getString("state")), row.getInt("n")))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Rows of a node in these states, by id, after the given one. */
    public List<ContainerRow> onNode(NodeId node, Set<ContainerState> states, String after, int limit) {
        return jdbc.sql(RowColumns.SELECT
                        + " where node = :node and state in (:states) and id > :after order by id limit :limit")
                .param("node", node.value())
                .param("states", states.stream().map(Enum::name).toList())
                .param("after", after)
                .param("limit", limit)
                .query(RowColumns::read)
                .list();
    }

    /**
     * Rows of a node that should not last, in any order, so that none stands in the way of the others: half made before the given time, half
     * removed, or to be removed at the end and ended by then, or made by then and never come to run.
     */
    public List<ContainerRow> unfinished(NodeId node, Instant before, int limit) {
        return jdbc.sql(RowColumns.SELECT + " " + """
                         where node = :node and ((state = 'CREATING' and created < :before) or state = 'REMOVING'
                          or (state = 'EXITED' and auto_remove and exits > 0 and finished_at < :before)
                          or (state = 'CREATED' and auto_remove and created < :before and observed ->> 'error' <> ''))
                        order by random() limit :limit""")
                .param("node", node.value())
                .param("before", java.sql.Timestamp.from(before))
                .param("limit", limit)
                .query(RowColumns::read)
                .list();
    }

    /**
     * Commits that the container's node is about to be told of another specification; {@link #reconfigure} is what ends that.
     *
     * @return whether there was one before that did not come to its end
     */
    public boolean updating(ContainerId id) {
        return jdbc.sql("""
                        with earlier as (select updating_since from container where id = :id for update)
                        update container set updating_since = now() from earlier where id = :id
                        returning earlier.updating_since is not null""")
                .param("id", id.value())
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** The update has come to its end. */
    public void updated(ContainerId id) {
        jdbc.sql("update container set updating_since = null where id = :id")
                .param("id", id.value())
                .update();
    }

    /** The containers of a node whose update was begun before then and did not come to its end. */
    public List<ContainerRow> halfUpdated(NodeId node, Instant before, int limit) {
        return jdbc.sql(RowColumns.SELECT + " where node = :node and updating_since < :before limit :limit")
                .param("node", node.value())
                .param("before", java.sql.Timestamp.from(before))
                .param("limit", limit)
                .query(RowColumns::read)
                .list();
    }

    /** Which of these ids have a row. */
    public Set<String> existing(List<String> ids) {
        if (ids.isEmpty()) {
            return Set.of();
        }
        return Set.copyOf(jdbc.sql("select id from container where id in (:ids)")
                .param("ids", ids)
                .query(String.class)
                .list());
    }

    /** The exit code in the latest {@code die} of a container that has no row any more; 0 when there was none. */
    public int lastExitCode(ContainerId id) {
        return jdbc.sql("""
                        select cast(attributes ->> 'exitCode' as integer) from event
                        where actor_id = :id and type = 'container' and action = 'die' order by xid desc, seq desc limit 1""")
                .param("id", id.value())
                .query(Integer.class)
                .optional()
                .orElse(0);
    }
}
