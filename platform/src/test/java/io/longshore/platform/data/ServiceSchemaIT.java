package io.longshore.platform.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.platform.data.ledger.Entry;
import io.longshore.platform.data.ledger.Ledger;
import io.longshore.platform.data.ledger.LedgerApplication;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.orm.ObjectOptimisticLockingFailureException;
import org.springframework.transaction.support.TransactionTemplate;

/** A service with a schema, started as services are. */
class ServiceSchemaIT {
    private static final TestDatabase DATABASE = TestDatabase.create("ledger");

    @TempDir
    Path directory;

    private Settings settings(Map<String, String> more) {
        Map<String, Object> values = new HashMap<>(DATABASE.settings());
        values.put("run.directory", directory.resolve("run").toString());
        values.putAll(more);
        return Settings.of(values);
    }

    @Test
    void startsTwiceOnTheSameSchema() {
        for (int i = 0; i < 2; i++) {
            try (RunningService service = ServiceRunner.start(LedgerApplication.class, settings(Map.of()))) {
                Ledger ledger = service.context().getBean(Ledger.class);
                ledger.write(
                        "default", "entry" + i, Map.of("a", "ü\"'"), Instant.ofEpochSecond(1_700_000_000, 123_456_000));
                Entry found = ledger.find("entry" + i).orElseThrow();
                assertThat(found.labels()).isEqualTo(Map.of("a", "ü\"'"));
                assertThat(found.writtenAt()).isEqualTo(Instant.ofEpochSecond(1_700_000_000, 123_456_000));
            }
        }
        assertThat(DATABASE.jdbc()
                        .sql("select count(*) from entry where entry_text in ('entry0', 'entry1')")
                        .query(Integer.class)
                        .single())
                .isEqualTo(2);
    }

    @Test
    void concurrentChangeOfOneRowIsRefused() {
        try (RunningService service = ServiceRunner.start(LedgerApplication.class, settings(Map.of()))) {
            Ledger ledger = service.context().getBean(Ledger.class);
            ledger.write("default", "contended", Map.of(), Instant.EPOCH);
            TransactionTemplate transactions = service.context().getBean(TransactionTemplate.class);
            assertThatThrownBy(() -> transactions.executeWithoutResult(status -> {
                        ledger.rename("contended", "mine");
                        DATABASE.jdbc()
                                .sql("update entry set version = version + 1 where entry_text = 'contended'")
                                .update();
                    }))
                    .isInstanceOf(ObjectOptimisticLockingFailureException.class);
        }
    }

    @Test
    void connectionsAreFewAndBounded() throws Exception {
        try (RunningService service = ServiceRunner.start(LedgerApplication.class, settings(Map.of()))) {
            TransactionTemplate transactions = service.context().getBean(TransactionTemplate.class);
            var jdbc = service.context().getBean(org.springframework.jdbc.core.simple.JdbcClient.class);
            List<Thread> threads = IntStream.range(0, 40)
                    .mapToObj(i -> Thread.ofVirtual()
                            .start(() -> transactions.executeWithoutResult(status ->
                                    jdbc.sql("select pg_sleep(0.02)").query().singleRow())))
                    .toList();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(sessions()).isBetween(1, 8);
            assertThat(jdbc.sql("show statement_timeout").query(String.class).single())
                    .isEqualTo("30s");
            assertThat(jdbc.sql("show lock_timeout").query(String.class).single())
                    .isEqualTo("10s");
        }
    }

    @Test
    void wrongSettingsAreRefusedWithTheirName() {
        assertThatThrownBy(() -> start(Map.of("database.url", "jdbc:mysql://x/y")))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("database.url")
                .hasMessageContaining("jdbc:mysql://x/y");
        assertThatThrownBy(() -> start(Map.of("database.usr", "x")))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("unknown key \"database.usr\"");
        assertThatThrownBy(() -> start(Map.of("database.user", "")))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("database.user is missing");
        assertThatThrownBy(() -> start(Map.of("database.events.max-rows", "3")))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("database.events.max-rows");
        assertThatThrownBy(() -> start(Map.of("database.password", "a-wrong-password-of-some-length")))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("password authentication failed");
    }

    private void start(Map<String, String> more) {
        ServiceRunner.start(LedgerApplication.class, settings(more)).close();
    }

    private static int sessions() {
        return DATABASE.jdbc()
                .sql("select count(*) from pg_stat_activity where application_name = 'longshore-ledger'")
                .query(Integer.class)
                .single();
    }
}
