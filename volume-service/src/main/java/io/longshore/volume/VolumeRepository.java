package io.longshore.volume;

import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code volume} and {@code volume_claim}. */
@Repository
class VolumeRepository {
    private static final String SELECT = """
            select v.project, v.name, v.driver, v.node, v.anonymous, v.created, c.destination
            from volume_claim c join volume v on v.project = c.project and v.name = c.volume
            where c.container = :container and c.generation = :generation""";

    private final JdbcClient jdbc;

    VolumeRepository(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** A volume and where its claimant has it. */
    record Claimed(Volume volume, String destination) {}

    void insert(Volume volume) {
        jdbc.sql("insert into volume (project, name, driver, node, anonymous, created)"
                        + " values (:project, :name, :driver, :node, :anonymous, :created)")
                .param("project", volume.project())
                .param("name", volume.name())
                .param("driver", volume.driver())
                .param("node", volume.node().value())
                .param("anonymous", volume.anonymous())
                .param("created", Timestamp.from(volume.created()))
                .update();
    }

    void claim(Owner owner, Claimed claimed) {
        jdbc.sql("insert into volume_claim (container, generation, destination, project, volume)"
                        + " values (:container, :generation, :destination, :project, :volume)")
                .param("container", owner.container().value())
                .param("generation", owner.generation())
                .param("destination", claimed.destination())
                .param("project", claimed.volume().project())
                .param("volume", claimed.volume().name())
                .update();
    }

    /** What the owner has claimed. */
    List<Claimed> claimedBy(Owner owner) {
        return jdbc.sql(SELECT)
                .param("container", owner.container().value())
                .param("generation", owner.generation())
                .query(VolumeRepository::read)
                .list();
    }

    /** Anonymous volumes that the owner has claimed and nobody else has. */
    List<Claimed> onlyOf(Owner owner) {
        return jdbc.sql(SELECT + " " + """
                         and v.anonymous and not exists (select 1 from volume_claim o where o.project = v.project and o.volume = v.name
                          and (o.container, o.generation) <> (c.container, c.generation))""")
                .param("container", owner.container().value())
                .param("generation", owner.generation())
                .query(VolumeRepository::read)
                .list();
    }

    void release(Owner owner) {
        jdbc.sql("delete from volume_claim where container = :container and generation = :generation")
                .param("container", owner.container().value())
                .param("generation", owner.generation())
                .update();
    }

    /** Deletes the row unless somebody has claimed it meanwhile; whether it is gone. */
    boolean delete(Volume volume) {
        return jdbc.sql("delete from volume v where v.project = :project and v.name = :name and not exists"
                                + " (select 1 from volume_claim c where c.project = v.project and c.volume = v.name)")
                        .param("project", volume.project())
                        .param("name", volume.name())
                        .update()
                == 1;
    }

    Optional<Volume> find(String project, String name) {
        return jdbc.sql("select * from volume where project = :project and name = :name")
                .param("project", project)
                .param("name", name)
                .query(VolumeRepository::volume)
                .optional();
    }

    /** A project's volumes by name: all, or by whether they are without a claim. */
    List<Volume> list(String project, @Nullable Boolean dangling) {
        return jdbc.sql("""
                        select v.* from volume v where v.project = :project and (cast(:dangling as boolean) is null or :dangling = not exists
                         (select 1 from volume_claim c where c.project = v.project and c.volume = v.name)) order by v.name""")
                .param("project", project)
                .param("dangling", dangling, Types.BOOLEAN)
                .query(VolumeRepository::volume)
                .list();
    }

    /** How many containers have claimed each volume of the project. */
    Map<String, Integer> users(String project) {
        return jdbc
                .sql(
                        "select volume, count(distinct container) as n from volume_claim where project = :project group by volume")
                .param("project", project)
                .query((row, index) -> Map.entry(row.getString("volume"), row.getInt("n")))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Claims whose container id sorts after the given one, in its order. */
    List<ClaimPage.Held> claims(@Nullable String after, int limit) {
        return jdbc.sql("select container, generation, min(since) as since from volume_claim where container > :after"
                        + " group by container, generation order by container, generation limit :limit")
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query((row, index) -> new ClaimPage.Held(
                        new Owner(ContainerId.parse(row.getString("container")), row.getInt("generation")),
                        row.getTimestamp("since").toInstant()))
                .list();
    }

    private static Claimed read(ResultSet row, int index) throws SQLException {
        return new Claimed(volume(row, index), row.getString("destination"));
    }

    private static Volume volume(ResultSet row, int index) throws SQLException {
        return new Volume(
                row.getString("project"),
                row.getString("name"),
                row.getString("driver"),
                NodeId.parse(row.getString("node")),
                row.getBoolean("anonymous"),
                row.getTimestamp("created").toInstant());
    }
}
