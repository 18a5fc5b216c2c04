package io.longshore.container.exec;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.container.ExecConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.data.EventOutbox;
import io.longshore.platform.web.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The sessions' rows. Each step of a session is told once, whoever brings it first: the answer of a command or the watch on an agent.
 * Thread-safe.
 */
@Component
class ExecStore {
    /** An ended session can be inspected for so long. */
    private static final Duration KEPT = Duration.ofMinutes(10);

    private static final int MOST_IN_ONE_SWEEP = 10_000;

    private static final String CREATE = """
            insert into exec (id, container_id, state, request)
            values (:id, :container, 'CREATED', cast(:request as jsonb))""";

    /**
     * Whoever claimed it has a minute, as with its agent; a crash between claim and start so does not keep others from it for ever. The claim
     * need not outlive a crash of the database either, so nothing waits for the disk.
     */
    private static final String CLAIM = """
            with quick as (select set_config('synchronous_commit', 'off', true))
            update exec e set claimed = now() from quick, container c
            where e.id = :id and e.state = 'CREATED' and (e.claimed is null or e.claimed < now() - interval '1 minute')
                and c.id = e.container_id and c.project = :project
            returning e.id, e.container_id, e.state, e.request, e.pid, e.exit_code""";

    private static final String START = """
            update exec set state = 'RUNNING', pid = :pid where id = :id and state = 'CREATED'""";

    private static final String END = """
            update exec set state = 'EXITED', exit_code = :exitCode, finished_at = :finishedAt,
                   pid = case when cast(:pid as integer) = 0 then pid else :pid end
            where id = :id and state <> 'EXITED'""";

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final EventOutbox outbox;
    private final ContainerStore containers;

    ExecStore(JdbcClient jdbc, TransactionTemplate transactions, EventOutbox outbox, ContainerStore containers) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.outbox = outbox;
        this.containers = containers;
    }

    /** Writes a new session, with its event. */
    void create(ExecId id, ContainerRow container, ExecConfig config, String command) {
        Map<String, Object> row = Map.of(
                "id",
                id.value(),
                "container",
                container.id().value(),
                "request",
                Json.mapper().writeValueAsString(config));
        outbox.change(
                CREATE,
                "id",
                row,
                event(container, id, "exec_create: " + command).of(container));
    }

    /** Sets a session of the project aside for one start; empty when somebody else has, when it was started, or when there is none. */
    Optional<ExecRow> claim(String project, ExecId id) {
        return jdbc.sql(CLAIM)
                .param("id", id.value())
                .param("project", project)
                .query(Row::read)
                .optional()
                .flatMap(row -> containers.byId(row.container).map(row::in));
    }

    /** Gives it up again: the start came to nothing, and may be asked for once more. */
    void release(ExecId id) {
        jdbc.sql("update exec set claimed = null where id = :id and state = 'CREATED'")
                .param("id", id.value())
                .update();
    }

    /** The session; {@link Failure.NotFound} if there is none in the project, or its container is gone. */
    ExecRow find(String project, ExecId id) {
        Row row = byId(id).orElseThrow(() -> notFound(id));
        ContainerRow container = containers.byId(row.container).orElseThrow(() -> notFound(id));
        if (!container.project().equals(project)) {
            throw notFound(id);
        }
        return row.in(container);
    }

    private static Failure.NotFound notFound(ExecId id) {
        return new Failure.NotFound("No such exec instance: " + id);
    }

    /** A row without its container. */
    private record Row(
            ExecId id,
            ContainerId container,
            ExecState state,
            ExecConfig config,
            int pid,
            @Nullable Integer exitCode) {
        ExecRow in(ContainerRow where) {
            return new ExecRow(id, where, state, config, pid, exitCode);
        }

        static Row read(ResultSet row, int index) throws SQLException {
            return new Row(
                    ExecId.parse(row.getString("id")),
                    ContainerId.parse(row.getString("container_id")),
                    ExecState.valueOf(row.getString("state")),
                    Json.mapper().readValue(row.getString("request"), ExecConfig.class),
                    row.getInt("pid"),
                    row.getObject("exit_code", Integer.class));
        }
    }

    private Optional<Row> byId(ExecId id) {
        return jdbc.sql("select id, container_id, state, request, pid, exit_code from exec where id = :id")
                .param("id", id.value())
                .query(Row::read)
                .optional();
    }

    /**
     * Commits what an agent says of a session, with the events that nobody was told yet; of no effect when it is known.
     *
     * @return false when there is no such session any more
     */
    boolean record(ObservedSession seen) {
        Row row = byId(seen.id()).orElse(null);
        ContainerRow container =
                row == null ? null : containers.byId(row.container).orElse(null);
        if (row == null || container == null) {
            return false;
        }
        record(row.in(container), seen);
        return true;
    }

    /** As above, of a session whose start is recorded: its own row need not be read again. */
    void recordEnd(ExecRow row, ObservedSession seen) {
        containers.byId(row.container().id()).ifPresent(container -> record(row.startedIn(container), seen));
    }

    /** Commits that a session is gone, whatever it came to. */
    void recordLost(ExecId id, int exitCode, Instant when) {
        byId(id).flatMap(row -> containers.byId(row.container).map(row::in))
                .ifPresent(row -> record(
                        row,
                        new ObservedSession(
                                id,
                                row.container().id(),
                                0,
                                ObservedSession.Status.EXITED,
                                0,
                                when,
                                when,
                                exitCode,
                                "lost")));
    }

    /** As above, with the row as last read. */
    void record(ExecRow row, ObservedSession seen) {
        boolean ran = seen.startedAt() != null;
        switch (seen.status()) {
            case CREATED -> {}
            case RUNNING -> start(row, seen);
            case EXITED -> {
                if (!ran) {
                    jdbc.sql(END).params(ending(seen)).update();
                } else if (row.state() == ExecState.CREATED) {
                    transactions.executeWithoutResult(status -> {
                        start(row, seen);
                        end(row, seen);
                    });
                } else {
                    end(row, seen);
                }
            }
        }
    }

    private void start(ExecRow row, ObservedSession seen) {
        Map<String, Object> change = Map.of("id", row.id().value(), "pid", seen.pid());
        outbox.change(START, "id", change, event(row, "exec_start: " + Execs.commandLine(row.config())));
    }

    private void end(ExecRow row, ObservedSession seen) {
        EventDraft die = EventDraft.of(
                row.container(),
                "exec_die",
                Map.of("execID", row.id().value(), "exitCode", String.valueOf(seen.exitCode())));
        outbox.change(END, "id", ending(seen), die.of(row.container()));
    }

    private static Map<String, Object> ending(ObservedSession seen) {
        Instant finished = seen.finishedAt();
        Map<String, Object> change = new HashMap<>();
        change.put("id", seen.id().value());
        change.put("pid", seen.pid());
        change.put("exitCode", seen.exitCode());
        change.put("finishedAt", Timestamp.from(finished == null ? Instant.now() : finished));
        return change;
    }

    /** Commits an event of a session that goes with no change of it. */
    void tell(ExecRow row, String action) {
        transactions.executeWithoutResult(
                status -> outbox.append(event(row.container(), row.id(), action).of(row.container())));
    }

    private static io.longshore.platform.data.NewEvent event(ExecRow row, String action) {
        return event(row.container(), row.id(), action).of(row.container());
    }

    private static EventDraft event(ContainerRow container, ExecId id, String action) {
        return EventDraft.of(container, action, Map.of("execID", id.value()));
    }

    /** The sessions that run on a node, by the rows. */
    List<ExecId> running(NodeId node) {
        return jdbc.sql("""
                        select e.id from exec e join container c on c.id = e.container_id
                        where e.state = 'RUNNING' and c.node = :node""").param("node", node.value()).query(ExecStore::id).list();
    }

    private static ExecId id(ResultSet row, int index) throws SQLException {
        return ExecId.parse(row.getString("id"));
    }

    /** Forgets sessions that ended a while ago, that were never started, and those of containers that are gone. */
    void sweep() {
        jdbc.sql("""
                        delete from exec where id in (
                            select e.id from exec e left join container c on c.id = e.container_id
                            where c.id is null or e.finished_at < :before
                               or (e.state = 'CREATED' and e.created < :before) limit :most)""")
                .param("before", Timestamp.from(Instant.now().minus(KEPT)))
                .param("most", MOST_IN_ONE_SWEEP)
                .update();
    }
}
