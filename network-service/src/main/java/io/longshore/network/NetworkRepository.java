package io.longshore.network;

import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code network} and {@code endpoint}. */
@Repository
class NetworkRepository {
    private final JdbcClient jdbc;

    NetworkRepository(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Inserts a network unless it is there, and gives what is there. */
    Network ensure(Network network) {
        jdbc.sql(
                        "insert into network (id, project, name, driver, created) values (:id, :project, :name, :driver, :created)"
                                + " on conflict do nothing")
                .param("id", network.id())
                .param("project", network.project())
                .param("name", network.name())
                .param("driver", network.driver())
                .param("created", Timestamp.from(network.created()))
                .update();
        return jdbc.sql("select id, project, name, driver, created from network where id = :id")
                .param("id", network.id())
                .query((row, index) -> new Network(
                        row.getString("id"),
                        row.getString("project"),
                        row.getString("name"),
                        row.getString("driver"),
                        row.getTimestamp("created").toInstant()))
                .single();
    }

    /** Inserts endpoints, those that are there already excepted. */
    void insert(List<Endpoint> endpoints) {
        if (!endpoints.isEmpty()) {
            jdbc.sql("""
                            insert into endpoint (container, generation, id, project, network, node, since)
                            select * from unnest(cast(:containers as text[]), cast(:generations as integer[]), cast(:ids as text[]),
                                                 cast(:projects as text[]), cast(:networks as text[]), cast(:nodes as text[]),
                                                 cast(:sinces as timestamptz[]))
                            on conflict do nothing""")
                    .param(
                            "containers",
                            texts(endpoints, e -> e.owner().container().value()))
                    .param(
                            "generations",
                            texts(endpoints, e -> String.valueOf(e.owner().generation())))
                    .param("ids", texts(endpoints, Endpoint::id))
                    .param("projects", texts(endpoints, e -> e.network().project()))
                    .param("networks", texts(endpoints, e -> e.network().id()))
                    .param("nodes", texts(endpoints, e -> e.node().value()))
                    .param("sinces", texts(endpoints, e -> e.since().toString()))
                    .update();
        }
    }

    /** Deletes the endpoints of these owners. */
    void delete(List<Owner> owners) {
        if (!owners.isEmpty()) {
            jdbc.sql("""
                            delete from endpoint using unnest(cast(:containers as text[]), cast(:generations as integer[])) as gone (c, g)
                            where container = gone.c and generation = gone.g""")
                    .param("containers", texts(owners, o -> o.container().value()))
                    .param("generations", texts(owners, o -> String.valueOf(o.generation())))
                    .update();
        }
    }

    /** Claims whose container id sorts after the given one, in its order. */
    List<ClaimPage.Held> claims(@Nullable String after, int limit) {
        return jdbc.sql("select container, generation, since from endpoint where container > :after"
                        + " order by container, generation limit :limit")
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query((row, index) -> new ClaimPage.Held(
                        new Owner(ContainerId.parse(row.getString("container")), row.getInt("generation")),
                        instant(row.getTimestamp("since"))))
                .list();
    }

    private static Instant instant(Timestamp time) {
        return time.toInstant();
    }

    private static <T> String[] texts(List<T> values, java.util.function.Function<T, String> text) {
        return values.stream().map(text).toArray(String[]::new);
    }
}
