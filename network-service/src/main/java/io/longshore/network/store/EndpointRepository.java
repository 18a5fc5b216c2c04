package io.longshore.network.store;

import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionOperations;

/** The tables {@code endpoint} and {@code lease}. */
@Repository
public class EndpointRepository {
    private static final String OWNERS =
            "unnest(cast(:containers as text[]), cast(:generations as integer[])) as gone (c, g)";

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;

    EndpointRepository(JdbcClient jdbc, TransactionOperations transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /** What an endpoint got; an address is null where it got none. */
    public record Claimed(
            String mac, @Nullable String ipv4, @Nullable String ipv6) {}

    /**
     * Inserts an endpoint with its addresses, in one statement, which is a transaction by itself; or tells what is there. Empty when the
     * network is not ready.
     *
     * @param mac of the interface, empty for one that follows from the address
     * @param ipv4 the one wanted, null for any
     * @param ipv6 the one wanted, null for any
     */
    public Optional<Claimed> claim(Endpoint endpoint, String mac, @Nullable String ipv4, @Nullable String ipv6) {
        return jdbc.sql("select * from claim_endpoint(:container, :generation, :id, :project, :network, :node, :mac,"
                        + " cast(:ipv4 as inet), cast(:ipv6 as inet))")
                .param("container", endpoint.owner().container().value())
                .param("generation", endpoint.owner().generation())
                .param("id", endpoint.id())
                .param("project", endpoint.network().project())
                .param("network", endpoint.network().id())
                .param("node", endpoint.node().value())
                .param("mac", mac)
                .param("ipv4", ipv4)
                .param("ipv6", ipv6)
                .query((row, index) -> new Claimed(row.getString("mac"), row.getString("ipv4"), row.getString("ipv6")))
                .optional();
    }

    /** Inserts endpoints without addresses, those that are there already excepted. */
    public void insert(List<Endpoint> endpoints) {
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

    /** Deletes the endpoints of these owners, and gives their addresses back. */
    public void delete(List<Owner> owners) {
        if (!owners.isEmpty()) {
            of(
                    owners,
                    "with freed as (delete from lease using " + OWNERS
                            + " where container = gone.c and generation = gone.g)"
                            + " delete from endpoint using " + OWNERS
                            + " where container = gone.c and generation = gone.g");
        }
    }

    /** The same on one network alone. */
    public void delete(String network, List<Owner> owners) {
        if (!owners.isEmpty()) {
            jdbc.sql("with freed as (delete from lease using " + OWNERS
                            + " where network = :network and container = gone.c and generation = gone.g)"
                            + " delete from endpoint using " + OWNERS
                            + " where network = :network and container = gone.c and generation = gone.g")
                    .param("network", network)
                    .param("containers", texts(owners, o -> o.container().value()))
                    .param("generations", texts(owners, o -> String.valueOf(o.generation())))
                    .update();
        }
    }

    /** Deletes the owner's endpoints on all networks but these, with their addresses. */
    public void deleteOthers(Owner owner, List<String> networks) {
        String others = " where container = :container and generation = :generation and network <> all (:networks)";
        jdbc.sql("with freed as (delete from lease" + others + ") delete from endpoint" + others)
                .param("container", owner.container().value())
                .param("generation", owner.generation())
                .param("networks", networks.toArray(String[]::new))
                .update();
    }

    /** Gives the addresses of these owners on one network back; their endpoints stay. */
    public void giveBack(String network, List<Owner> owners) {
        if (!owners.isEmpty()) {
            jdbc.sql("delete from lease using " + OWNERS
                            + " where network = :network and container = gone.c and generation = gone.g")
                    .param("network", network)
                    .param("containers", texts(owners, o -> o.container().value()))
                    .param("generations", texts(owners, o -> String.valueOf(o.generation())))
                    .update();
        }
    }

    private void of(List<Owner> owners, String statement) {
        jdbc.sql(statement)
                .param("containers", texts(owners, o -> o.container().value()))
                .param("generations", texts(owners, o -> String.valueOf(o.generation())))
                .update();
    }

    /** Owners of endpoints on a network whose container id sorts after the given one, in its order. */
    public List<Owner> owners(String network, @Nullable String after, int limit) {
        return jdbc.sql("select container, generation from endpoint where network = :network and container > :after"
                        + " order by container, generation limit :limit")
                .param("network", network)
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query(EndpointRepository::owner)
                .list();
    }

    /** A node on which somebody has an endpoint on a network: the one with most, where there are several from before. */
    public Optional<NodeId> place(String network) {
        return jdbc.sql(
                        "select node from endpoint where network = :network group by node order by count(*) desc, node limit 1")
                .param("network", network)
                .query((row, index) -> NodeId.parse(row.getString("node")))
                .optional();
    }

    /** Has a network that does not leave a node settle on that of this endpoint; false when it is another's. */
    public boolean settle(Endpoint endpoint) {
        if (isSettled(endpoint)) {
            return true; // As nearly always, and without a write.
        }
        jdbc.sql("select settle_network(:network, :node)")
                .param("network", endpoint.network().id())
                .param("node", endpoint.node().value())
                .query((row, index) -> index)
                .list();
        return isSettled(endpoint);
    }

    /** Whether a network is the node's of this endpoint. Asked again when that is written, it is so until it goes. */
    public boolean isSettled(Endpoint endpoint) {
        return jdbc.sql("select network_is_settled(:network, :node, :container, :generation)")
                .param("network", endpoint.network().id())
                .param("node", endpoint.node().value())
                .param("container", endpoint.owner().container().value())
                .param("generation", endpoint.owner().generation())
                .query(Boolean.class)
                .single();
    }

    /** On which networks an owner has an endpoint. */
    public List<String> networks(Owner owner) {
        return jdbc.sql("select network from endpoint where container = :container and generation = :generation"
                        + " order by network")
                .param("container", owner.container().value())
                .param("generation", owner.generation())
                .query((row, index) -> row.getString("network"))
                .list();
    }

    /** Whether another container has an endpoint on a network. */
    public boolean isShared(String network, ContainerId own) {
        return jdbc.sql("select exists (select 1 from endpoint where network = :network and container <> :container)")
                .param("network", network)
                .param("container", own.value())
                .query(Boolean.class)
                .single();
    }

    /**
     * Makes the endpoints of one life of a container, with their addresses, those of another one on another node, in one commit.
     *
     * @param ofOneNode those of their networks that do not leave a node
     * @return one of these on which there is somebody else: then nothing is done
     */
    public Optional<String> move(Owner from, Owner to, NodeId node, List<String> ofOneNode) {
        Map<String, Object> parameters = Map.of(
                "container", from.container().value(),
                "from", from.generation(),
                "to", to.generation(),
                "node", node.value());
        return Optional.ofNullable(transactions.execute(status -> {
            for (String network : ofOneNode) {
                // As who settles it: an endpoint that is written meanwhile is seen here, or finds it settled elsewhere.
                jdbc.sql("select pg_advisory_xact_lock(hashtext('network'), hashtext(:network))")
                        .param("network", network)
                        .query((row, index) -> index)
                        .list();
                if (isShared(network, from.container())) {
                    return network;
                }
                jdbc.sql("update network set node = :node where id = :network")
                        .param("node", node.value())
                        .param("network", network)
                        .update();
            }
            for (String table : List.of("lease", "endpoint")) {
                // What an earlier try has brought over, and has since been claimed anew.
                jdbc.sql("delete from " + table + " where container = :container and generation = :to and network in"
                                + " (select network from endpoint where container = :container and generation = :from)")
                        .params(parameters)
                        .update();
            }
            jdbc.sql("update lease set generation = :to where container = :container and generation = :from")
                    .params(parameters)
                    .update();
            jdbc.sql("update endpoint set generation = :to, node = :node, id = encode(sha256(convert_to("
                            + "network || '/' || container || '/' || :to, 'UTF8')), 'hex')"
                            + " where container = :container and generation = :from")
                    .params(parameters)
                    .update();
            return null;
        }));
    }

    /** Who has an address on a network: one at most. */
    public List<Owner> holder(String network, String address) {
        return jdbc.sql("select container, generation from lease"
                        + " where network = :network and address = cast(:address as inet) and container is not null")
                .param("network", network)
                .param("address", address)
                .query(EndpointRepository::owner)
                .list();
    }

    /** The project's networks on which somebody has an endpoint. */
    public Set<String> inUse(String project) {
        return Set.copyOf(jdbc.sql("select distinct network from endpoint where project = :project")
                .param("project", project)
                .query(String.class)
                .list());
    }

    /** Claims whose container id sorts after the given one, in its order. */
    public List<ClaimPage.Held> claims(@Nullable String after, int limit) {
        return jdbc.sql("select container, generation, min(since) as since from endpoint where container > :after"
                        + " group by container, generation order by container, generation limit :limit")
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query((row, index) -> new ClaimPage.Held(
                        owner(row, index), row.getTimestamp("since").toInstant()))
                .list();
    }

    private static Owner owner(ResultSet row, int index) throws SQLException {
        return new Owner(ContainerId.parse(row.getString("container")), row.getInt("generation"));
    }

    private static <T> String[] texts(List<T> values, Function<T, String> text) {
        return values.stream().map(text).toArray(String[]::new);
    }
}
