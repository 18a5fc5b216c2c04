package io.longshore.image.store;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.image.ImageClaim;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.oci.manifest.ImageConfiguration;
import io.longshore.platform.commit.GroupCommit;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Who uses which image. Taking a claim is on the way of every create: one statement, one commit, for all that come at the same time. */
@Component
public class Claims {
    /** A claim that an owner has already decides, then the name, then the beginning of an id if only one image has it. */
    private static final String CLAIM = """
            with named as (
                select coalesce(
                    (select image_id from reference where project = :project and name = :reference),
                    (select min(id) from image where project = :project and id like :prefix and removed_at is null having count(*) = 1)) as id),
            target as (
                select o.container, o.generation, coalesce(
                    (select image_id from claim c
                        where c.project = :project and c.container = o.container and c.generation = o.generation),
                    (select id from named)) as id
                from (select distinct * from unnest(:containers::text[], :generations::int[])) as o (container, generation)),
            owned as (select t.* from target t join image i on i.project = :project and i.id = t.id),
            taken as (
                insert into claim (project, container, generation, image_id)
                select :project, container, generation, id from owned
                on conflict (project, container, generation) do update set since = now()),
            found as (
                select f.id, f.config_json, case when f.id = :known then null else %1$s end as nodes,
                    not exists (select 1 from image_layer i where i.project = :project and i.image_id = f.id) or exists (
                        select 1 from replica r where r.project = :project and r.image_id = f.id
                        and r.registry = :registry and r.digest is not null and r.removing_since is null) as movable
                from image f where f.project = :project and f.id in (select id from owned))
            select o.container, o.generation, f.* from owned o join found f using (id)""".formatted(LayerNodes.HOLDERS);

    private static final ImageConfig EMPTY =
            new ImageConfig(null, null, null, null, null, null, null, null, null, null, null, null, null);

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final LatelyClaimed lately;
    private final GroupCommit<Taking> takings = new GroupCommit<>(this::takeAll, GroupCommit::isRolledBack);

    Claims(JdbcClient jdbc, TransactionTemplate transactions, LatelyClaimed lately) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.lately = lately;
    }

    /** What is claimed; of equal ones it is found out once. */
    private record Asked(String project, ImageName name, String registry) {}

    /** A claim that others may be taken with. */
    private static final class Taking {
        private final Asked asked;
        private final Owner owner;
        /** Known when it is committed; null if there is no such image. */
        private @Nullable ClaimedImage claimed;

        Taking(Asked asked, Owner owner) {
            this.asked = asked;
            this.owner = owner;
        }
    }

    /**
     * Resolves the name and claims the image; see {@code ImageApi.claim}.
     *
     * @param registry the system registry that is used now; empty for none
     */
    public ClaimedImage take(Caller caller, ImageClaim claim, String registry) {
        ImageName name = ImageName.parse(claim.image());
        Taking taking = new Taking(new Asked(caller.project(), name, registry), claim.owner());
        try {
            takings.write(taking, caller.remaining());
        } catch (DataIntegrityViolationException e) {
            throw name.notFound(); // The image was deleted in between.
        }
        if (taking.claimed == null) {
            throw name.notFound();
        }
        return taking.claimed;
    }

    private void takeAll(List<Taking> all) {
        if (all.size() == 1) {
            take(all);
            return;
        }
        transactions.executeWithoutResult(status -> {
            // An image that somebody is just removing is waited for alone, not by all.
            jdbc.sql("set local lock_timeout = '1s'").update();
            all.stream()
                    .collect(Collectors.groupingBy(taking -> taking.asked))
                    .values()
                    .forEach(this::take);
        });
    }

    /** All of them ask for the same. */
    private void take(List<Taking> all) {
        Asked asked = all.getFirst().asked;
        ImageName name = asked.name;
        LatelyClaimed.Holders known = lately.holders(asked.project, name);
        Map<Digest, ClaimedImage> images = new HashMap<>();
        Map<Owner, ClaimedImage> claimed = new HashMap<>();
        jdbc.sql(CLAIM)
                .param("known", known == null ? null : known.image().value(), Types.VARCHAR)
                .param("project", asked.project)
                .param(
                        "containers",
                        all.stream()
                                .map(taking -> taking.owner.container().value())
                                .toArray(String[]::new))
                .param(
                        "generations",
                        all.stream().map(taking -> taking.owner.generation()).toArray(Integer[]::new))
                .param(
                        "reference",
                        name.reference() == null ? null : name.reference().toString(),
                        Types.VARCHAR)
                .param("prefix", name.idPrefix() == null ? null : name.idPrefix() + "%", Types.VARCHAR)
                .param("registry", asked.registry)
                .query(row -> {
                    Digest id = Digest.parse(row.getString("id"));
                    ClaimedImage image = images.get(id);
                    if (image == null) {
                        image = claimed(row, id, known, new LatelyClaimed.Asked(asked.project, name));
                        images.put(id, image);
                    }
                    claimed.put(
                            new Owner(ContainerId.parse(row.getString("container")), row.getInt("generation")), image);
                });
        all.forEach(taking -> taking.claimed = claimed.get(taking.owner));
    }

    private ClaimedImage claimed(
            ResultSet row, Digest id, LatelyClaimed.@Nullable Holders known, LatelyClaimed.Asked asked)
            throws SQLException {
        ImageConfiguration read = lately.configuration(id, row.getString("config_json"));
        ImageConfig config = read.config() == null ? EMPTY : read.config();
        String architecture = read.architecture() == null ? "" : read.architecture();
        return new ClaimedImage(
                id,
                config,
                read.diffIds(),
                read.operatingSystem(),
                architecture,
                nodes(row, id, known, asked),
                row.getBoolean("movable"));
    }

    private List<NodeId> nodes(
            ResultSet row, Digest id, LatelyClaimed.@Nullable Holders known, LatelyClaimed.Asked asked)
            throws SQLException {
        Array found = row.getArray("nodes");
        if (found == null) {
            return Objects.requireNonNull(known, "nodes are left out only where they are known")
                    .nodes();
        }
        List<NodeId> nodes =
                Arrays.stream((String[]) found.getArray()).map(NodeId::parse).toList();
        lately.read(asked, new LatelyClaimed.Holders(id, nodes));
        return nodes;
    }

    /** Gives claims up; unknown ones are no error. */
    public void release(String project, List<Owner> owners) {
        if (owners.isEmpty()) {
            return;
        }
        jdbc.sql("""
                delete from claim c using unnest(:containers::text[], :generations::int[]) as o (container, generation)
                where c.project = :project and c.container = o.container and c.generation = o.generation""")
                .param("project", project)
                .param(
                        "containers",
                        owners.stream().map(owner -> owner.container().value()).toArray(String[]::new))
                .param("generations", owners.stream().map(Owner::generation).toArray(Integer[]::new))
                .update();
    }

    /** Claims in order of the container's id. */
    public ClaimPage list(String project, @Nullable String after, int limit) {
        return new ClaimPage(jdbc.sql("""
                select container, generation, since from claim where project = :project and container > :after
                order by container, generation limit :limit""")
                .param("project", project)
                .param("after", after == null ? "" : after)
                .param("limit", Math.clamp(limit, 1, 1000))
                .query((row, n) -> new ClaimPage.Held(
                        new Owner(ContainerId.parse(row.getString("container")), row.getInt("generation")),
                        row.getObject("since", OffsetDateTime.class).toInstant()))
                .list());
    }

    /** A container that uses the image. */
    public Optional<ContainerId> userOf(String project, Digest image) {
        return jdbc.sql(
                        "select min(container) from claim where project = :project and image_id = :image having count(*) > 0")
                .param("project", project)
                .param("image", image.value())
                .query((row, n) -> ContainerId.parse(row.getString(1)))
                .optional();
    }

    /** The containers that use the image, in order of their ids. */
    public List<ContainerId> usersOf(String project, Digest image) {
        return jdbc.sql("""
                select distinct container from claim where project = :project and image_id = :image order by container""")
                .param("project", project)
                .param("image", image.value())
                .query((row, n) -> ContainerId.parse(row.getString(1)))
                .list();
    }

    /** How many containers use each image of the project; an image that none uses is left out. */
    public Map<Digest, Long> users(String project) {
        Map<Digest, Long> users = new HashMap<>();
        jdbc.sql(
                        "select image_id, count(distinct container) as n from claim where project = :project group by image_id")
                .param("project", project)
                .query((row, n) -> users.put(Digest.parse(row.getString("image_id")), row.getLong("n")))
                .list();
        return users;
    }

    /** The image and all that were built on it. */
    public List<Digest> descendants(String project, Digest image) {
        return jdbc.sql("""
                with recursive family as (
                    select id from image where project = :project and id = :image
                    union select i.id from image i join family f on i.parent = f.id where i.project = :project)
                select id from family""")
                .param("project", project)
                .param("image", image.value())
                .query((row, n) -> Digest.parse(row.getString(1)))
                .list();
    }
}
