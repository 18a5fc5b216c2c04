package io.longshore.platform.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a service puts its events: into the transaction of the change that they tell of, so that there is never one without the
 * other. Readers in the same process are woken after the commit. Every method but {@link #change} needs a running transaction
 * ({@link IllegalStateException} without). Thread-safe.
 */
public final class EventOutbox {
    /** Joined with a state change in one statement. */
    private static final String INSERT = """
            insert into event (time_nanos, project, type, action, actor_id, attributes)
            select cast(:eventTime as bigint), cast(:eventProject as text), cast(:eventType as text),
                   cast(:eventAction as text), cast(:eventActor as text), cast(:eventAttributes as jsonb)""";

    /** Of several, in their order: so the sequence is given out. */
    private static final String INSERT_SEVERAL = """
            insert into event (time_nanos, project, type, action, actor_id, attributes)
            select e.time_nanos, e.project, e.type, e.action, e.actor_id, e.attributes
            from changed, (values :rows) as e (n, time_nanos, project, type, action, actor_id, attributes) order by e.n""";

    private static final String ROW = """
            (:n, cast(:eventTime:n as bigint), cast(:eventProject:n as text), cast(:eventType:n as text),
             cast(:eventAction:n as text), cast(:eventActor:n as text), cast(:eventAttributes:n as jsonb))""";

    private static final String INSERT_VALUES = """
            insert into event (time_nanos, project, type, action, actor_id, attributes)
            values (:eventTime, :eventProject, :eventType, :eventAction, :eventActor, cast(:eventAttributes as jsonb))""";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final NamedParameterJdbcOperations jdbc;
    private final EventTimes times;
    private final EventSignal signal;

    EventOutbox(NamedParameterJdbcOperations jdbc, EventTimes times, EventSignal signal) {
        this.jdbc = jdbc;
        this.times = times;
        this.signal = signal;
    }

    /** Inserts one event in the caller's transaction. */
    public void append(NewEvent event) {
        jdbc.update(INSERT_VALUES, parameters(event));
    }

    /** Inserts events in the caller's transaction, in this order, in one statement. */
    @SuppressWarnings("unchecked")
    public void append(List<NewEvent> events) {
        if (!events.isEmpty()) {
            Map<String, Object>[] rows = events.stream().map(this::parameters).toArray(Map[]::new);
            jdbc.batchUpdate(INSERT_VALUES, rows);
        }
    }

    /**
     * Makes a change and inserts its events, in their order, in one statement, which is a transaction by itself: the commit needs no round
     * trip of its own. Inside a transaction it is part of that.
     *
     * @param change an insert, update or delete of rows, to which {@code returning} can be added
     * @param column one of the changed table
     * @param parameters of the change
     * @param events at least one
     * @return how many rows it changed; each has the events, so it should be one or none
     */
    public int change(String change, String column, Map<String, ?> parameters, List<NewEvent> events) {
        String statement = "with changed as (" + change + " returning " + column + ") " + insert(events.size());
        Map<String, Object> all = new HashMap<>(parameters);
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            Completion completion = completion();
            for (int i = 0; i < events.size(); i++) {
                put(all, i, events.size(), parameters(events.get(i), completion.stamp()));
            }
            return jdbc.update(statement, all) / events.size();
        }
        List<Long> stamps = new ArrayList<>();
        try {
            for (int i = 0; i < events.size(); i++) {
                long time = times.next();
                stamps.add(time);
                put(all, i, events.size(), parameters(events.get(i), time));
            }
            return jdbc.update(statement, all) / events.size();
        } finally {
            times.ended(stamps);
            signal.raise(); // Also when the connection broke, for it may be committed.
        }
    }

    /** The same with one event. */
    public int change(String change, String column, Map<String, ?> parameters, NewEvent event) {
        return change(change, column, parameters, List.of(event));
    }

    private static String insert(int count) {
        if (count == 1) {
            return INSERT + " from changed";
        }
        String rows = IntStream.range(0, count)
                .mapToObj(n -> ROW.replace(":n", String.valueOf(n)))
                .collect(Collectors.joining(", "));
        return INSERT_SEVERAL.replace(":rows", rows);
    }

    /** One event's parameters; those of several have its number at the end. */
    private static void put(Map<String, Object> all, int number, int count, Map<String, Object> event) {
        event.forEach((name, value) -> all.put(count == 1 ? name : name + number, value));
    }

    private Map<String, Object> parameters(NewEvent event) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()
                || !TransactionSynchronizationManager.isSynchronizationActive()) {
            throw new IllegalStateException("an event is inserted in the transaction of the change that it tells of: "
                    + event.type() + " " + event.action() + " has none");
        }
        return parameters(event, completion().stamp());
    }

    private static Map<String, Object> parameters(NewEvent event, long time) {
        return Map.of(
                "eventTime", time,
                "eventProject", event.project(),
                "eventType", event.type(),
                "eventAction", event.action(),
                "eventActor", event.actorId(),
                "eventAttributes", JSON.writeValueAsString(event.attributes()));
    }

    private Completion completion() {
        for (TransactionSynchronization registered : TransactionSynchronizationManager.getSynchronizations()) {
            if (registered instanceof Completion mine && mine.outbox() == this) {
                return mine;
            }
        }
        Completion fresh = new Completion();
        TransactionSynchronizationManager.registerSynchronization(fresh);
        return fresh;
    }

    /** The end of one transaction that has events. */
    private final class Completion implements TransactionSynchronization {
        private final List<Long> stamps = new ArrayList<>();

        EventOutbox outbox() {
            return EventOutbox.this;
        }

        long stamp() {
            long time = times.next();
            stamps.add(time);
            return time;
        }

        @Override
        public void afterCompletion(int status) {
            times.ended(stamps);
            if (status != STATUS_ROLLED_BACK) {
                signal.raise();
            }
        }
    }
}
