package io.longshore.image.store;

import io.longshore.contracts.agent.HeldLayer;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Which layers there are and which image needs which. A layer's row comes before the first image that needs it and goes after the layer
 * has been removed from the node, so that a crash in between leaves a row that says what is still to be removed.
 */
@Component
public class Layers {
    private final JdbcClient jdbc;
    private final NamedParameterJdbcOperations batch;
    private final LayerNodes nodes;

    Layers(JdbcClient jdbc, NamedParameterJdbcOperations batch, LayerNodes nodes) {
        this.jdbc = jdbc;
        this.batch = batch;
        this.nodes = nodes;
    }

    /**
     * Notes that a node holds these layers, lowest first. In a transaction of its own, before any image is written down; {@link Attempts}
     * it, since a removal may have a layer's row go meanwhile.
     */
    @Transactional
    public void found(String project, NodeId node, List<LoadedLayer> stack) {
        List<MapSqlParameterSource> rows = new ArrayList<>();
        String parent = null;
        for (LoadedLayer layer : stack) {
            rows.add(new MapSqlParameterSource("chain", layer.chainId().value())
                    .addValue("project", project)
                    .addValue("diff", layer.diffId().value())
                    .addValue("parent", parent)
                    .addValue("size", layer.size()));
            parent = layer.chainId().value();
        }
        // In one order everywhere, so that two loads never wait for each other.
        rows.sort((a, b) -> String.valueOf(a.getValue("chain")).compareTo(String.valueOf(b.getValue("chain"))));
        batch.batchUpdate("""
                insert into layer (chain_id, project, diff_id, parent, size) values (:chain, :project, :diff, :parent, :size)
                on conflict (chain_id) do nothing""", rows.toArray(MapSqlParameterSource[]::new));
        nodes.hold(node, chainIds(stack));
    }

    private static List<Digest> chainIds(List<LoadedLayer> stack) {
        return stack.stream().map(LoadedLayer::chainId).toList();
    }

    /**
     * Notes layers that a node holds, of which nothing was noted: what a load left that came to no good end, or what it held before it was
     * noted which node holds what. How many there were. To be {@link Attempts attempted}, as {@link #found}.
     */
    @Transactional
    public int adopt(String project, NodeId node, List<HeldLayer> held) {
        batch.batchUpdate(
                """
                insert into layer (chain_id, project, diff_id, parent, size) values (:chain, :project, :diff, :parent, :size)
                on conflict (chain_id) do nothing""",
                held.stream()
                        .sorted(Comparator.comparing(HeldLayer::chainId))
                        .map(layer -> new MapSqlParameterSource(
                                        "chain", layer.chainId().value())
                                .addValue("project", project)
                                .addValue("diff", layer.diffId().value())
                                .addValue(
                                        "parent",
                                        layer.parent() == null
                                                ? null
                                                : layer.parent().value())
                                .addValue("size", layer.size()))
                        .toArray(MapSqlParameterSource[]::new));
        return nodes.hold(node, held.stream().map(HeldLayer::chainId).toList());
    }

    /**
     * Lets an image need these layers of a node, lowest first, in the running transaction. False when one of them is gone or about to be removed:
     * then nothing has been written, and it is to be tried again in a while.
     */
    public boolean use(String project, Digest image, NodeId node, List<LoadedLayer> stack) {
        if (stack.isEmpty()) {
            return true;
        }
        Collection<String> chains = new TreeSet<>();
        stack.forEach(layer -> chains.add(layer.chainId().value()));
        List<Boolean> removing = jdbc.sql("""
                select removing_since is not null from layer where chain_id in (:chains) order by chain_id for update""")
                .param("chains", chains)
                .query((row, n) -> row.getBoolean(1))
                .list();
        if (removing.size() != chains.size() || removing.contains(true)) {
            return false;
        }
        // Again: a removal that has ended meanwhile took away what was noted before it.
        nodes.hold(node, chainIds(stack));
        List<MapSqlParameterSource> rows = new ArrayList<>();
        for (int i = 0; i < stack.size(); i++) {
            rows.add(new MapSqlParameterSource("project", project)
                    .addValue("image", image.value())
                    .addValue("position", i)
                    .addValue("chain", stack.get(i).chainId().value()));
        }
        batch.batchUpdate("""
                insert into image_layer (project, image_id, position, chain_id) values (:project, :image, :position, :chain)""", rows.toArray(MapSqlParameterSource[]::new));
        return true;
    }

    /** Chain ids that no other image than this one needs, highest first: what goes when the image goes. */
    public List<Digest> ownedBy(String project, Digest image) {
        return jdbc.sql("""
                select chain_id from image_layer mine where project = :project and image_id = :image and not exists (
                    select 1 from image_layer other where other.chain_id = mine.chain_id
                    and (other.project, other.image_id) <> (mine.project, mine.image_id)) order by position desc""")
                .param("project", project)
                .param("image", image.value())
                .query((row, n) -> Digest.parse(row.getString(1)))
                .list();
    }

    /** An image's layers, lowest first. */
    public List<LoadedLayer> stack(String project, Digest image) {
        return jdbc.sql("""
                select l.chain_id, l.diff_id, l.size from image_layer i join layer l using (chain_id)
                where i.project = :project and i.image_id = :image order by i.position""")
                .param("project", project)
                .param("image", image.value())
                .query((row, n) ->
                        new LoadedLayer(Digest.parse(row.getString(1)), Digest.parse(row.getString(2)), row.getLong(3)))
                .list();
    }

    /** The sizes of an image's layers in bytes, lowest first. */
    public List<Long> sizes(String project, Digest image) {
        return jdbc.sql("""
                select l.size from image_layer i join layer l using (chain_id)
                where i.project = :project and i.image_id = :image order by i.position""")
                .param("project", project)
                .param("image", image.value())
                .query((row, n) -> row.getLong(1))
                .list();
    }

    /** Bytes of each image's layers that another image of the project needs too. */
    public Map<Digest, Long> sharedSizes(String project) {
        Map<Digest, Long> shared = new HashMap<>();
        jdbc.sql("""
                with used as (select distinct image_id, chain_id from image_layer where project = :project),
                     common as (select chain_id from used group by chain_id having count(*) > 1)
                select u.image_id, sum(l.size) as bytes from used u join common using (chain_id) join layer l using (chain_id)
                group by u.image_id""")
                .param("project", project)
                .query((row, n) -> shared.put(Digest.parse(row.getString("image_id")), row.getLong("bytes")))
                .list();
        return shared;
    }

    /** Bytes of all layers that an image of the project needs, each once. */
    public long totalSize(String project) {
        return jdbc.sql("""
                select coalesce(sum(size), 0) from layer where chain_id in (select chain_id from image_layer where project = :project)""").param("project", project).query(Long.class).single();
    }

    /** Bytes of those of these that are layers. */
    public long sizeOf(Collection<Digest> chainIds) {
        if (chainIds.isEmpty()) {
            return 0;
        }
        return jdbc.sql("select coalesce(sum(size), 0) from layer where chain_id in (:chains)")
                .param("chains", chainIds.stream().map(Digest::value).toList())
                .query(Long.class)
                .single();
    }
}
