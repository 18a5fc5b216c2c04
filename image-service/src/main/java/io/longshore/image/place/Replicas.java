package io.longshore.image.place;

import io.longshore.contracts.agent.Transfer.PushedLayer;
import io.longshore.contracts.id.Digest;
import io.longshore.image.store.ImageKey;
import io.longshore.platform.web.Json;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/**
 * The rows of what the system registry has. There is one before anything is sent there and until it was deleted there. Each statement is
 * harmless when another replica does the same. Thread-safe.
 */
@Component
class Replicas {
    private final JdbcClient jdbc;

    Replicas(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** An image that the registry does not have. */
    record Lacking(String project, Digest image) {}

    /**
     * What the registry has of an image that is gone.
     *
     * @param digest of the manifest; null when it is not known whether there is one
     * @param since the token of this removal
     */
    record Garbage(String project, Digest image, @Nullable Digest digest, OffsetDateTime since) {}

    /** What a registry has of an image, if it has all of it. */
    Optional<Replica> find(String project, Digest image, String registry) {
        return jdbc.sql("""
                select digest, layers_json from replica where project = :project and image_id = :image and registry = :registry
                and digest is not null and layers_json is not null and removing_since is null""")
                .param("project", project)
                .param("image", image.value())
                .param("registry", registry)
                .query((row, n) -> new Replica(
                        Digest.parse(row.getString(1)),
                        Json.mapper().readValue(row.getString(2), new TypeReference<List<PushedLayer>>() {})))
                .optional();
    }

    /** Notes that an image is about to be sent; false when what an earlier one left is being removed. */
    boolean begin(String project, Digest image, String registry) {
        return jdbc.sql("""
                insert into replica as r (project, image_id, registry) values (:project, :image, :registry)
                on conflict (project, image_id) do update set registry = excluded.registry, tried_at = now(),
                    digest = case when r.registry = excluded.registry then r.digest end,
                    layers_json = case when r.registry = excluded.registry then r.layers_json end
                where r.removing_since is null""")
                        .param("project", project)
                        .param("image", image.value())
                        .param("registry", registry)
                        .update()
                == 1;
    }

    /** Notes that all of it is there; false when it is being removed already. */
    boolean end(String project, Digest image, String registry, Replica replica) {
        return jdbc.sql("""
                update replica set digest = :digest, layers_json = :layers, replicated_at = now()
                where project = :project and image_id = :image and registry = :registry and removing_since is null""")
                        .param("digest", replica.digest().value())
                        .param("layers", Json.mapper().writeValueAsString(replica.layers()))
                        .param("project", project)
                        .param("image", image.value())
                        .param("registry", registry)
                        .update()
                == 1;
    }

    /** Notes that the registry may have lost some of it: it is to be sent again. */
    void doubt(String project, Digest image, Replica replica) {
        jdbc.sql("""
                update replica set digest = null, layers_json = null, replicated_at = null
                where project = :project and image_id = :image and digest = :digest""")
                .param("project", project)
                .param("image", image.value())
                .param("digest", replica.digest().value())
                .update();
    }

    /**
     * How many images there are, of all projects.
     *
     * @param there those of which the registry was given everything
     */
    record Count(int images, int there) {}

    /** How many of all images a registry was given. */
    Count count(String registry) {
        return jdbc.sql("""
                select count(*), count(r.digest) from image i left join replica r on r.project = i.project and r.image_id = i.id
                and r.registry = :registry and r.removing_since is null where i.removed_at is null""")
                .param("registry", registry)
                .query((row, n) -> new Count(row.getInt(1), row.getInt(2)))
                .single();
    }

    /** All images there are, project by project. */
    List<ImageKey> images() {
        return jdbc.sql("select project, id from image where removed_at is null order by project, id")
                .query((row, n) -> new ImageKey(row.getString(1), row.getString(2)))
                .list();
    }

    /** Some of the images that a registry does not have, those first that were not tried for longest. */
    List<Lacking> lacking(String registry, int most) {
        return jdbc.sql("""
                select i.project, i.id from image i left join replica r on r.project = i.project and r.image_id = i.id
                where i.removed_at is null and r.removing_since is null and (r.digest is null or r.registry <> :registry)
                order by r.tried_at nulls first, i.project, i.id limit :most""")
                .param("registry", registry)
                .param("most", most)
                .query((row, n) -> new Lacking(row.getString(1), Digest.parse(row.getString(2))))
                .list();
    }

    /**
     * Marks what a registry has of an image that is gone as being removed, unless another removal has begun less than ten minutes ago.
     *
     * @param before not what was tried after this
     */
    Optional<Garbage> take(String registry, OffsetDateTime before) {
        return jdbc.sql("""
                update replica set removing_since = clock_timestamp(), tried_at = clock_timestamp() where (project, image_id) in (
                    select r.project, r.image_id from replica r where r.registry = :registry and r.tried_at < :before
                    and (r.removing_since is null or r.removing_since < now() - interval '10 minutes')
                    and not exists (select 1 from image i where i.project = r.project and i.id = r.image_id)
                    order by r.tried_at limit 1 for update skip locked)
                returning project, image_id, digest, removing_since""")
                .param("registry", registry)
                .param("before", before)
                .query((row, n) -> new Garbage(
                        row.getString("project"),
                        Digest.parse(row.getString("image_id")),
                        row.getString("digest") == null ? null : Digest.parse(row.getString("digest")),
                        row.getObject("removing_since", OffsetDateTime.class)))
                .optional();
    }

    /** It was deleted. */
    void forget(Garbage garbage) {
        ours("delete from replica", garbage).update();
    }

    /** It was not deleted: another turn may. */
    void giveBack(Garbage garbage) {
        ours("update replica set removing_since = null", garbage).update();
    }

    /** Forgets what other registries than this one have of images that are gone: they are not asked any more. */
    void forgetOthers(String registry) {
        jdbc.sql("""
                delete from replica r where r.registry <> :registry
                and not exists (select 1 from image i where i.project = r.project and i.id = r.image_id)""").param("registry", registry).update();
    }

    private JdbcClient.StatementSpec ours(String change, Garbage garbage) {
        return jdbc.sql(change + " where project = :project and image_id = :image and removing_since = :since")
                .param("project", garbage.project)
                .param("image", garbage.image.value())
                .param("since", garbage.since);
    }
}
