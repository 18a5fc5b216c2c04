package io.longshore.network.store;

import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.network.definition.Network;
import io.longshore.network.definition.NetworkDefinition;
import io.longshore.platform.web.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code network} and {@code pool}. */
@Repository
public class NetworkRepository {
    /** A pool of a network as SUBNET GATEWAY. */
    private static final String SELECT = """
            select id, project, name, driver, created, state, definition, vni, vxlan_port,
                   array(select pool.subnet || ' ' || host(pool.gateway) from pool where pool.network = network.id order by family) as pools
            from network""";

    private final JdbcClient jdbc;

    NetworkRepository(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** False when the project has one of that name, or this very one. */
    public boolean insert(Network network) {
        return insert(network, null);
    }

    /**
     * The same of one that spans nodes; it gets its number.
     *
     * @param port of UDP at which its nodes are to listen; null for one that each node has for itself
     */
    public boolean insert(Network network, @Nullable Integer port) {
        return jdbc.sql("""
                                insert into network (id, project, name, driver, created, state, definition, vni, vxlan_port)
                                values (:id, :project, :name, :driver, :created, :state, cast(:definition as jsonb),
                                        case when cast(:port as integer) is not null then free_vni() end, cast(:port as integer))
                                on conflict do nothing""")
                        .param("port", port)
                        .param("id", network.id())
                        .param("project", network.project())
                        .param("name", network.name())
                        .param("driver", network.driver())
                        .param("created", Timestamp.from(network.created()))
                        .param("state", network.state().name())
                        .param("definition", Json.mapper().writeValueAsString(network.definition()))
                        .update()
                == 1;
    }

    /**
     * A network's source of addresses.
     *
     * @param subnet in CIDR notation
     * @param gateway address
     * @param first that may be given out
     * @param last that may be given out
     * @param reserved addresses that are not given out, beside the gateway
     */
    public record NewPool(String subnet, String gateway, String first, String last, List<String> reserved) {
        int family() {
            return subnet.indexOf(':') < 0 ? 4 : 6;
        }
    }

    /** In the caller's transaction; a {@code DataIntegrityViolationException} when its subnet overlaps with that of another network. */
    public void insert(String network, NewPool pool) {
        jdbc.sql("""
                        insert into pool (network, family, subnet, gateway, first_address, last_address, next_address)
                        values (:network, :family, cast(:subnet as cidr), cast(:gateway as inet), cast(:first as inet),
                                cast(:last as inet), cast(:first as inet))""")
                .param("network", network)
                .param("family", pool.family())
                .param("subnet", pool.subnet())
                .param("gateway", pool.gateway())
                .param("first", pool.first())
                .param("last", pool.last())
                .update();
        List<String> taken = new ArrayList<>(pool.reserved());
        taken.add(pool.gateway());
        jdbc.sql("insert into lease (network, address) select :network, cast(address as inet)"
                        + " from unnest(cast(:addresses as text[])) as address on conflict do nothing")
                .param("network", network)
                .param("addresses", taken.toArray(String[]::new))
                .update();
    }

    /** Those of a network, IPv4 first; in the caller's transaction, to whose end nobody else gets here. */
    public List<Network.Pool> lockedPools(String network) {
        jdbc.sql("select 1 from network where id = :id for update")
                .param("id", network)
                .query(Integer.class)
                .optional();
        return byId(network).map(Network::pools).orElse(List.of());
    }

    /** All subnets that networks have. */
    public List<String> subnets() {
        return jdbc.sql("select cast(subnet as text) as subnet from pool")
                .query((row, index) -> row.getString("subnet"))
                .list();
    }

    /** Takes its pools away, and all addresses. */
    public void deletePools(String network) {
        jdbc.sql("delete from lease where network = :network")
                .param("network", network)
                .update();
        jdbc.sql("delete from pool where network = :network")
                .param("network", network)
                .update();
    }

    /** False when it is gone, or not in one of the states from which this one follows. */
    public boolean move(String network, Network.State from, Network.State to) {
        return jdbc.sql("update network set state = :to, changed = now(), version = version + 1"
                                + " where id = :id and state = :from")
                        .param("id", network)
                        .param("from", from.name())
                        .param("to", to.name())
                        .update()
                == 1;
    }

    /** False when it is gone already. */
    public boolean delete(String network) {
        return jdbc.sql("delete from network where id = :id")
                        .param("id", network)
                        .update()
                == 1;
    }

    /** The network; in any state. */
    public Optional<Network> byId(String id) {
        return jdbc.sql(SELECT + " where id = :id")
                .param("id", id)
                .query(NetworkRepository::read)
                .optional();
    }

    /** Those that clients see, by name. */
    public List<Network> list(String project) {
        return jdbc.sql(SELECT + " where project = :project and state = 'READY' order by name")
                .param("project", project)
                .query(NetworkRepository::read)
                .list();
    }

    /** Those with this id, this name, or an id that begins so: the first three, best first. */
    public List<Network> matching(String project, String reference) {
        String prefix = reference.matches("[0-9a-f]{1,64}") ? reference : "-";
        return jdbc.sql(SELECT + " " + """
                        where project = :project and state = 'READY' and (id = :reference or name = :reference or id like :prefix)
                        order by id = :reference desc, name = :reference desc, id limit 3""")
                .param("project", project)
                .param("reference", reference)
                .param("prefix", prefix + "%")
                .query(NetworkRepository::read)
                .list();
    }

    /** Those that have been on their way for longer than that. */
    public List<Network> unfinished(Duration longer, int limit) {
        return jdbc.sql(SELECT + " where state <> 'READY' and changed < :before order by changed limit :limit")
                .param("before", Timestamp.from(Instant.now().minus(longer)))
                .param("limit", limit)
                .query(NetworkRepository::read)
                .list();
    }

    /** Which other network has this device on the nodes; null for none. */
    public @Nullable String withDevice(String device, String except) {
        return jdbc.sql(
                        "select id from network where definition -> 'options' ->> 'com.docker.network.bridge.name' = :device"
                                + " and id <> :except limit 1")
                .params(Map.of("device", device, "except", except))
                .query(String.class)
                .optional()
                .orElse(null);
    }

    private static NetworkSpec.@Nullable Overlay overlay(ResultSet row) throws SQLException {
        int vni = row.getInt("vni");
        return row.wasNull() ? null : new NetworkSpec.Overlay(vni, row.getInt("vxlan_port"));
    }

    private static Network read(ResultSet row, int index) throws SQLException {
        List<Network.Pool> pools = new ArrayList<>();
        for (String pool : (String[]) row.getArray("pools").getArray()) {
            int space = pool.indexOf(' ');
            pools.add(new Network.Pool(pool.substring(0, space), pool.substring(space + 1)));
        }
        return new Network(
                row.getString("id"),
                row.getString("project"),
                row.getString("name"),
                row.getString("driver"),
                row.getTimestamp("created").toInstant(),
                Network.State.valueOf(row.getString("state")),
                Json.mapper().readValue(row.getString("definition"), NetworkDefinition.class),
                pools,
                overlay(row));
    }
}
