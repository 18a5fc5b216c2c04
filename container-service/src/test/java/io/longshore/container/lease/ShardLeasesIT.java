package io.longshore.container.lease;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.id.NodeId;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.run.Listener;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** On a database whose server says that it runs since whenever the test says. */
class ShardLeasesIT {
    private static final NodeId NODE = NodeId.parse("0123456789ab");

    private final JdbcClient jdbc = database(TestDatabase.create("container"));
    private final ShardLeases leases = replica("a");

    /** What is in the schema comes before what PostgreSQL has of the same name. */
    private static JdbcClient database(TestDatabase database) {
        DriverManagerDataSource direct =
                new DriverManagerDataSource(database.url(), database.user(), database.password());
        Properties properties = new Properties();
        properties.setProperty("options", "-c search_path=container,pg_catalog");
        direct.setConnectionProperties(properties);
        return JdbcClient.create(direct);
    }

    private ShardLeases replica(String name) {
        return new ShardLeases(jdbc, Listener.internal(Path.of("/run", name)));
    }

    @BeforeEach
    void makeTable() {
        jdbc.sql(
                        "create table shard_lease (shard integer primary key, holder text not null default '', epoch bigint not"
                                + " null default 0, expires timestamptz not null default 'epoch')")
                .update();
        jdbc.sql("insert into shard_lease (shard) select generate_series(0, 63)")
                .update();
        serverRunsSince("2026-01-01");
    }

    private void serverRunsSince(String date) {
        jdbc.sql("create or replace function pg_postmaster_start_time() returns timestamptz stable language sql as"
                        + " $$ select timestamptz '" + date + "' $$")
                .update();
    }

    @Test
    void aLeaseThatIsRenewedKeepsItsEpoch() {
        assertThat(leases.hold(NODE)).isTrue();
        assertThat(leases.hold(NODE)).isTrue();
        assertThat(leases.held(NODE)).isEqualTo(1);
        assertThat(replica("b").hold(NODE)).isFalse();
    }

    /** What was committed a moment before may be lost to it: a standby was promoted, or a copy of that moment put in its place. */
    @Test
    void underAServerThatWasStartedSinceItIsAnotherLease() {
        leases.hold(NODE);
        serverRunsSince("2026-01-02");
        assertThat(leases.hold(NODE)).isTrue();
        assertThat(leases.held(NODE)).isEqualTo(2);
        assertThat(leases.hold(NODE)).isTrue();
        assertThat(leases.held(NODE)).isEqualTo(2);
    }
}
