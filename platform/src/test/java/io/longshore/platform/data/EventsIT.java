package io.longshore.platform.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.event.Event;
import io.longshore.contracts.event.EventPage;
import io.longshore.contracts.event.EventsApi;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.ledger.Ledger;
import io.longshore.platform.data.ledger.LedgerApplication;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The outbox and its reader over HTTP, against PostgreSQL. Each case has a project of its own. */
class EventsIT {
    private static final TestDatabase DATABASE = TestDatabase.create("ledger");

    @TempDir
    static Path directory;

    private static RunningService service;
    private static Connections connections;
    private static EventsApi events;
    private static EventOutbox outbox;
    private static Ledger ledger;
    private static TransactionTemplate transactions;

    private final String project = UUID.randomUUID().toString();

    @BeforeAll
    static void start() {
        Map<String, Object> settings = new HashMap<>(DATABASE.settings());
        settings.put("run.directory", directory.resolve("run").toString());
        settings.put("database.events.max-rows", "1000");
        service = ServiceRunner.start(LedgerApplication.class, Settings.of(settings));
        connections = new Connections();
        events = new Parts(connections).client(EventsApi.class, "ledger", new Address.Unix(service.socket()));
        outbox = service.context().getBean(EventOutbox.class);
        ledger = service.context().getBean(Ledger.class);
        transactions = service.context().getBean(TransactionTemplate.class);
    }

    @AfterAll
    static void stop() throws IOException {
        connections.close();
        service.close();
    }

    @Test
    void eventComesAndGoesWithItsTransaction() {
        assertThatThrownBy(() -> ledger.writeThenFail(project, "undone")).hasMessage("after the event");
        ledger.write(project, "done", Map.of(), Instant.EPOCH);
        assertThat(read(null).events()).singleElement().satisfies(event -> {
            assertThat(event.project()).isEqualTo(project);
            assertThat(event.type()).isEqualTo("entry");
            assertThat(event.action()).isEqualTo("write");
            assertThat(event.actorId()).isEqualTo("done");
            assertThat(event.attributes()).isEqualTo(Map.of("name", "done"));
            assertThat(Duration.between(Instant.ofEpochSecond(0, event.timeNanos()), Instant.now()))
                    .isBetween(Duration.ZERO, Duration.ofMinutes(1));
        });
    }

    @Test
    void eventWithoutTransactionIsRefused() {
        assertThatThrownBy(() -> outbox.append(event("lonely")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("entry test has none");
        assertThat(read(null).events()).isEmpty();
    }

    @Test
    void oneStatementChangesAndTells() {
        ledger.write(project, project, Map.of(), Instant.EPOCH);
        assertThat(ledger.remove(project, project)).isEqualTo(1);
        assertThat(ledger.remove(project, project)).isZero();
        assertThat(actions(read(null))).containsExactly("write", "remove");
    }

    @Test
    void oneStatementTellsSeveralInTheirOrder() {
        ledger.write(project, project, Map.of(), Instant.EPOCH);
        List<String> steps = IntStream.range(0, 12).mapToObj(i -> "step " + i).toList();
        List<NewEvent> told = steps.stream()
                .map(step -> new NewEvent(project, "entry", step, project, Map.of()))
                .toList();
        String change = "delete from entry where entry_text = :text";
        assertThat(outbox.change(change, "id", Map.of("text", project), told)).isEqualTo(1);
        assertThat(outbox.change(change, "id", Map.of("text", project), told)).isZero();
        List<Event> read = read(null).events();
        assertThat(read.stream().skip(1).map(Event::action)).isEqualTo(steps);
        assertThat(read.stream().map(Event::timeNanos)).isSorted();
    }

    @Test
    void lateCommitOfAnEarlierSequenceIsNotLost() throws Exception {
        CountDownLatch inserted = new CountDownLatch(1);
        CountDownLatch commit = new CountDownLatch(1);
        CompletableFuture<Void> slow = CompletableFuture.runAsync(
                () -> transactions.executeWithoutResult(status -> {
                    outbox.append(event("slow"));
                    inserted.countDown();
                    await(commit);
                }),
                task -> Thread.ofVirtual().start(task));
        await(inserted);
        append("quick");
        long plain = lastSequence(0);
        EventPage early = read(null);
        assertThat(early.events()).isEmpty();
        commit.countDown();
        slow.get(10, TimeUnit.SECONDS);

        List<Event> late = readAll(early.cursor(), 2);
        assertThat(late).extracting(Event::actorId).containsExactly("slow", "quick");
        assertThat(early.horizonNanos()).isLessThanOrEqualTo(late.getFirst().timeNanos());
        // What a cursor on the sequence alone would have made of it.
        assertThat(sequencesAfter(plain)).isZero();
        assertThat(sequencesAfter(0)).isEqualTo(2);
    }

    @Test
    void readerByCursorSeesEachEventOnceWhileWritersCommitInAnyOrder() throws Exception {
        int writers = 6;
        int each = 60;
        ConcurrentSkipListSet<String> committed = new ConcurrentSkipListSet<>();
        AtomicBoolean writing = new AtomicBoolean(true);
        CompletableFuture<List<Event>> reader = CompletableFuture.supplyAsync(
                () -> {
                    List<Event> seen = new ArrayList<>();
                    String cursor = null;
                    boolean last;
                    do {
                        last = !writing.get();
                        EventPage page = events.read(caller(), cursor, 0, 7, last ? 1_000 : 20);
                        seen.addAll(page.events());
                        cursor = page.cursor();
                        last &= page.events().isEmpty();
                    } while (!last);
                    return seen;
                },
                task -> Thread.ofVirtual().start(task));
        List<Thread> threads = IntStream.range(0, writers)
                .mapToObj(writer -> Thread.ofVirtual()
                        .start(() -> IntStream.range(0, each).forEach(n -> write(writer + "/" + n, committed))))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        writing.set(false);
        List<Event> seen = reader.get(60, TimeUnit.SECONDS);
        assertThat(seen).extracting(Event::actorId).doesNotHaveDuplicates().hasSameElementsAs(committed);
        assertThat(committed).hasSizeGreaterThan(writers * each / 2);
        assertThat(seen.stream().map(event -> EventCursor.parse(event.cursor())))
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void horizonPromisesThatNothingEarlierComes() throws Exception {
        CountDownLatch inserted = new CountDownLatch(1);
        CountDownLatch commit = new CountDownLatch(1);
        CompletableFuture<Void> slow = CompletableFuture.runAsync(
                () -> transactions.executeWithoutResult(status -> {
                    outbox.append(event("slow"));
                    inserted.countDown();
                    await(commit);
                }),
                task -> Thread.ofVirtual().start(task));
        await(inserted);
        EventPage during = read(null);
        commit.countDown();
        slow.get(10, TimeUnit.SECONDS);
        Event event = readAll(null, 1).getFirst();
        assertThat(during.horizonNanos()).isLessThanOrEqualTo(event.timeNanos());
        assertThat(events.read(caller(), "now", 0, 1, 0).horizonNanos()).isGreaterThan(event.timeNanos());
    }

    @Test
    void waitingReaderIsWokenByTheCommit() throws Exception {
        String cursor = events.read(caller(), "now", 0, 1, 0).cursor();
        List<Duration> delays = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            String after = cursor;
            CompletableFuture<EventPage> waiting = CompletableFuture.supplyAsync(
                    () -> events.read(caller(), after, 0, 10, 10_000),
                    task -> Thread.ofVirtual().start(task));
            // Long enough to be waiting, and at no fixed distance from the poll.
            assertThat(waiting).isNotDone();
            TimeUnit.MILLISECONDS.sleep(10 + ThreadLocalRandom.current().nextInt(30));
            Instant began = Instant.now();
            append("round" + round);
            EventPage page = waiting.get(10, TimeUnit.SECONDS);
            delays.add(Duration.between(began, Instant.now()));
            assertThat(page.events()).extracting(Event::actorId).containsExactly("round" + round);
            cursor = page.cursor();
        }
        // Polling alone finds it after 125 ms in the mean; a busy machine may delay some.
        assertThat(delays).filteredOn(d -> d.toMillis() < 100).hasSizeGreaterThan(10);
    }

    @Test
    void commitOfAnotherProcessIsFoundByPolling() {
        String cursor = events.read(caller(), "now", 0, 1, 0).cursor();
        CompletableFuture<EventPage> waiting = CompletableFuture.supplyAsync(
                () -> events.read(caller(), cursor, 0, 10, 10_000),
                task -> Thread.ofVirtual().start(task));
        DATABASE.jdbc()
                .sql("insert into event (time_nanos, project, type, action, actor_id, attributes)"
                        + " values (1, :project, 'entry', 'write', 'elsewhere', '{}')")
                .param("project", project)
                .update();
        assertThat(waiting.orTimeout(10, TimeUnit.SECONDS).join().events())
                .extracting(Event::actorId)
                .containsExactly("elsewhere");
    }

    @Test
    void pagesGoOnWhereTheLastEnded() {
        Stream.of("a", "b", "c", "d", "e").forEach(this::append);
        EventPage first = events.read(caller(), null, 0, 2, 0);
        EventPage second = events.read(caller(), first.cursor(), 0, 2, 0);
        EventPage third = events.read(caller(), second.cursor(), 0, 2, 0);
        assertThat(Stream.of(first, second, third).flatMap(page -> page.events().stream()))
                .extracting(Event::actorId)
                .containsExactly("a", "b", "c", "d", "e");
        assertThat(events.read(caller(), null, second.events().getFirst().timeNanos(), 10, 0)
                        .events())
                .extracting(Event::actorId)
                .containsExactly("c", "d", "e");
    }

    @Test
    void otherProjectsAreNotSeen() {
        append("mine");
        Caller other = new Caller("tester", "other-" + project, Instant.now().plusSeconds(10), Trace.newId());
        assertThat(events.read(other, null, 0, 1_000, 0).events()).isEmpty();
    }

    @Test
    void wrongParametersAreRefused() {
        assertThatThrownBy(() -> read("7")).isInstanceOf(Failure.Invalid.class).hasMessageContaining("\"7\"");
        assertThatThrownBy(() -> read("999999999999:1"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("of another database");
        assertThatThrownBy(() -> events.read(caller(), null, 0, 0, 0))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("limit 0");
        assertThatThrownBy(() -> events.read(caller(), null, 0, 1, 30_001))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("waitMillis 30001");
    }

    @Test
    void oldEventsGoAndWhoMissedThemLearnsIt() {
        append("first");
        String old = readAll(null, 1).getFirst().cursor();
        String before = EventCursor.parse(old).xid() + ":0";
        transactions.executeWithoutResult(status -> outbox.append(
                IntStream.range(0, 2_500).mapToObj(n -> event("many" + n)).toList()));
        service.context().getBean(EventRetention.class).trim();
        int kept = DATABASE.jdbc()
                .sql("select count(*) from event")
                .query(Integer.class)
                .single();
        assertThat(kept).isBetween(900, 1_000);
        assertThatThrownBy(() -> read(before))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("older than the oldest event kept");
        Event oldest = read(null).events().getFirst();
        assertThat(oldest.actorId()).startsWith("many");
        assertThat(read(oldest.cursor()).events()).isNotEmpty();
    }

    private void write(String name, ConcurrentSkipListSet<String> committed) {
        JdbcClient jdbc = service.context().getBean(JdbcClient.class);
        boolean kept = Boolean.TRUE.equals(transactions.execute(status -> {
            outbox.append(event(name));
            jdbc.sql("select pg_sleep(:s)")
                    .param("s", ThreadLocalRandom.current().nextDouble(0.004))
                    .query()
                    .singleRow();
            if (ThreadLocalRandom.current().nextInt(8) == 0) {
                status.setRollbackOnly();
                return false;
            }
            return true;
        }));
        if (kept) {
            committed.add(name);
        }
    }

    private void append(String name) {
        transactions.executeWithoutResult(status -> outbox.append(event(name)));
    }

    private NewEvent event(String name) {
        return new NewEvent(project, "entry", "test", name, Map.of());
    }

    private EventPage read(@Nullable String cursor) {
        return events.read(caller(), cursor, 0, 1_000, 0);
    }

    /** Another case's transaction may hold the reader back for a moment. */
    private List<Event> readAll(@Nullable String cursor, int count) {
        List<Event> all = new ArrayList<>();
        Instant end = Instant.now().plusSeconds(10);
        String at = cursor;
        while (all.size() < count) {
            assertThat(Instant.now()).isBefore(end);
            EventPage page = events.read(caller(), at, 0, 1_000, 1_000);
            all.addAll(page.events());
            at = page.cursor();
        }
        return all;
    }

    private Caller caller() {
        return new Caller("tester", project, Instant.now().plusSeconds(30), Trace.newId());
    }

    private long lastSequence(long after) {
        return DATABASE.jdbc()
                .sql("select coalesce(max(seq), 0) from event where project = :project and seq > :after")
                .param("project", project)
                .param("after", after)
                .query(Long.class)
                .single();
    }

    private int sequencesAfter(long sequence) {
        return DATABASE.jdbc()
                .sql("select count(*) from event where project = :project and seq > :after")
                .param("project", project)
                .param("after", sequence)
                .query(Integer.class)
                .single();
    }

    private static List<String> actions(EventPage page) {
        return page.events().stream().map(Event::action).toList();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
