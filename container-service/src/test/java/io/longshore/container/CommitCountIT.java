package io.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testworld.World;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What a cycle of create, start, wait and delete costs in PostgreSQL, counted there. image-service's claim, one commit, comes on top.
 */
class CommitCountIT {
    private static final int CYCLES = 100;

    @TempDir
    static Path directory;

    @Test
    void aCycleStaysWithinItsBudget() throws IOException {
        try (World world = new World(directory)) {
            JdbcClient jdbc = world.database().jdbc();
            cycle(world);
            Counts before = Counts.read(jdbc);
            for (int n = 0; n < CYCLES; n++) {
                cycle(world);
            }
            Counts after = Counts.read(jdbc);
            double changes = (after.changes - before.changes) / (double) CYCLES;
            double selects = (after.selects - before.selects) / (double) CYCLES;
            double written = (after.written - before.written) / (double) CYCLES;
            System.out.printf(
                    "a cycle: %.2f row changes with their events, %.2f commits that wrote, %.2f looks at rows by"
                            + " index%n",
                    changes, written, selects);
            // Whatever is written besides the events: renewals of the lease are what is left.
            assertThat(written).isLessThanOrEqualTo(4.0 + 0.5);
            // create, start, die, destroy: one commit each at most, in which the row and its event change together.
            assertThat(changes).isLessThanOrEqualTo(4.0);
            assertThat(selects).isLessThan(10.0);
        }
    }

    private static void cycle(World world) {
        String id = world.create("", "true");
        world.post("/containers/" + id + "/start");
        world.post("/containers/" + id + "/wait");
        world.call("DELETE", "/containers/" + id, null);
    }

    /**
     * From the transactions that wrote events, all that wrote anything (each takes the next transaction id, as this count itself does),
     * and the scans of the table.
     */
    private record Counts(long changes, long written, long selects) {
        static Counts read(JdbcClient jdbc) {
            jdbc.sql("select pg_stat_force_next_flush()").query().singleRow();
            long changes = jdbc.sql("select count(distinct xid) from event")
                    .query(Long.class)
                    .single();
            long scans = jdbc.sql("select idx_scan + seq_scan from pg_stat_user_tables where relname = 'container'")
                    .query(Long.class)
                    .single();
            long next = jdbc.sql("select cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint)")
                    .query(Long.class)
                    .single();
            return new Counts(changes, next, scans);
        }
    }
}
