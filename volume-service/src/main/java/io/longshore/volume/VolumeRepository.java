package io.longshore.volume;

import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.web.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.core.type.TypeReference;

/** The tables {@code volume} and {@code volume_claim}. */
@Repository
class VolumeRepository {
    private static final String SELECT = """
            select v.*, c.destination, c.by_name
            from volume_claim c join volume v on v.project = c.project and v.name = c.volume
            where c.container = :container and c.generation = :generation""";

    private static final TypeReference<Map<String, String>> PAIRS = new TypeReference<>() {};

    private final JdbcClient jdbc;

    VolumeRepository(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** A volume and where its claimant has it, and whether that named it. */
    record Claimed(Volume volume, String destination, boolean byName) {}

    /** Whether it is new: false when there is one of that name already. */
    boolean insert(Volume volume) {
        NodeId node = volume.node();
        return jdbc.sql("insert into volume (project, name, driver, node, anonymous, created, labels, options)"
                                + " values (:project, :name, :driver, :node, :anonymous, :created,"
                                + " cast(:labels as jsonb), cast(:options as jsonb)) on conflict do nothing")
                        .param("project", volume.project())
                        .param("name", volume.name())
                        .param("driver", volume.driver())
                        .param("node", node == null ? null : node.value(), Types.VARCHAR)
                        .param("anonymous", volume.anonymous())
                        .param("created", Timestamp.from(volume.created()))
                        .param("labels", json(volume.labels()), Types.VARCHAR)
                        .param("options", json(volume.options()), Types.VARCHAR)
                        .update()
                == 1;
    }

    void claim(Owner owner, Claimed claimed) {
        jdbc.sql("insert into volume_claim (container, generation, destination, project, volume, by_name)"
                        + " values (:container, :generation, :destination, :project, :volume, :byName)")
                .param("container", owner.container().value())
                .param("generation", owner.generation())
                .param("destination", claimed.destination())
                .param("project", claimed.volume().project())
                .param("volume", claimed.volume().name())
                .param("byName", claimed.byName())
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

    /** Names of the anonymous volumes that the owner has claimed otherwise than by name. */
    List<String> anonymousOf(Owner owner) {
        return claimedBy(owner).stream()
                .filter(claimed -> !claimed.byName())
                .map(Claimed::volume)
                .filter(Volume::anonymous)
                .map(Volume::name)
                .distinct()
                .toList();
    }

    /**
     * Those of these names that there are, by name, each locked until the end of the transaction against all who would claim or remove it.
     * In the order of names, so that two who want the same ones do not wait for each other.
     */
    Map<String, Volume> lock(String project, Collection<String> names) {
        if (names.isEmpty()) {
            return Map.of();
        }
        return jdbc
                .sql("select * from volume where project = :project and name in (:names) order by name"
                        + " for no key update")
                .param("project", project)
                .param("names", names)
                .query(VolumeRepository::volume)
                .list()
                .stream()
                .collect(Collectors.toMap(Volume::name, volume -> volume));
    }

    /** The containers that have claimed it, in their order; with {@code but}, without that one. */
    List<String> containers(Volume volume, @Nullable Owner but) {
        return jdbc.sql("select distinct container from volume_claim where project = :project and volume = :volume"
                        + " and (container, generation) <> (:container, :generation) order by container")
                .param("project", volume.project())
                .param("volume", volume.name())
                .param("container", but == null ? "" : but.container().value())
                .param("generation", but == null ? 0 : but.generation())
                .query((row, index) -> row.getString("container"))
                .list();
    }

    /** Those of these names that are marked. */
    List<String> marked(String project, Collection<String> names) {
        if (names.isEmpty()) {
            return List.of();
        }
        return jdbc.sql("select name from volume where project = :project and name in (:names)"
                        + " and removing_since is not null order by name")
                .param("project", project)
                .param("names", names)
                .query((row, index) -> row.getString("name"))
                .list();
    }

    /** Those of all projects that were marked before then. One with a claim is removed by who removes the claimant. */
    List<Volume> markedBefore(Instant then, int limit) {
        return jdbc.sql("""
                        select * from volume v where removing_since < :then and not exists
                         (select 1 from volume_claim c where c.project = v.project and c.volume = v.name)
                        order by removing_since limit :limit""")
                .param("then", Timestamp.from(then))
                .param("limit", limit)
                .query(VolumeRepository::volume)
                .list();
    }

    /** From now on nobody may claim it, and only who has this mark unmarks or deletes it: the volume with the mark. */
    Volume mark(Volume volume) {
        return jdbc.sql("update volume set removing_since = clock_timestamp()"
                        + " where project = :project and name = :name returning *")
                .param("project", volume.project())
                .param("name", volume.name())
                .query(VolumeRepository::volume)
                .single();
    }

    /** Everybody may claim it again, if this is still its mark. */
    void unmark(Volume marked) {
        byMark("update volume v set removing_since = null", marked).update();
    }

    private JdbcClient.StatementSpec byMark(String statement, Volume marked) {
        Instant since = Objects.requireNonNull(marked.removingSince(), "mark");
        return jdbc.sql(statement + " where v.project = :project and v.name = :name and v.removing_since = :since")
                .param("project", marked.project())
                .param("name", marked.name())
                .param("since", Timestamp.from(since));
    }

    void place(Volume volume, NodeId node) {
        jdbc.sql("update volume set node = :node where project = :project and name = :name")
                .param("node", node.value())
                .param("project", volume.project())
                .param("name", volume.name())
                .update();
    }

    void release(Owner owner) {
        jdbc.sql("delete from volume_claim where container = :container and generation = :generation")
                .param("container", owner.container().value())
                .param("generation", owner.generation())
                .update();
    }

    /** Deletes the row if this is still its mark, under which nobody else can have claimed it; whether it is gone. */
    boolean delete(Volume marked) {
        return byMark("delete from volume v", marked).update() == 1;
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

    /** The nodes of those of these volumes that have one. */
    Map<String, NodeId> places(String project, Collection<String> names) {
        if (names.isEmpty()) {
            return Map.of();
        }
        return jdbc
                .sql("select name, node from volume where project = :project and name in (:names) and node is not null")
                .param("project", project)
                .param("names", names)
                .query((row, index) -> Map.entry(row.getString("name"), NodeId.parse(row.getString("node"))))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** The drivers of those of these volumes that there are, by name. */
    Map<String, String> drivers(String project, Collection<String> names) {
        if (names.isEmpty()) {
            return Map.of();
        }
        return jdbc
                .sql("select name, driver from volume where project = :project and name in (:names)")
                .param("project", project)
                .param("names", names)
                .query((row, index) -> Map.entry(row.getString("name"), row.getString("driver")))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Whether another project has this volume of a driver that knows no projects. */
    boolean isElsewhere(String project, String driver, String name) {
        return jdbc.sql("select exists (select 1 from volume where name = :name and driver = :driver"
                        + " and project <> :project)")
                .param("project", project)
                .param("driver", driver)
                .param("name", name)
                .query(Boolean.class)
                .single();
    }

    /** The volumes that other projects have of plugins. */
    Set<PluggedVolumes.Key> pluggedElsewhere(String project) {
        return Set.copyOf(jdbc.sql("select driver, name from volume where project <> :project and driver <> :own")
                .param("project", project)
                .param("own", Volumes.LOCAL)
                .query((row, index) -> new PluggedVolumes.Key(row.getString("driver"), row.getString("name")))
                .list());
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
        return new Claimed(volume(row, index), row.getString("destination"), row.getBoolean("by_name"));
    }

    private static Volume volume(ResultSet row, int index) throws SQLException {
        String node = row.getString("node");
        Timestamp removing = row.getTimestamp("removing_since");
        return new Volume(
                row.getString("project"),
                row.getString("name"),
                row.getString("driver"),
                node == null ? null : NodeId.parse(node),
                row.getBoolean("anonymous"),
                row.getTimestamp("created").toInstant(),
                pairs(row.getString("labels")),
                pairs(row.getString("options")),
                removing == null ? null : removing.toInstant());
    }

    private static @Nullable String json(@Nullable Map<String, String> pairs) {
        return pairs == null ? null : Json.mapper().writeValueAsString(pairs);
    }

    private static @Nullable Map<String, String> pairs(@Nullable String json) {
        return json == null ? null : Json.mapper().readValue(json, PAIRS);
    }
}
