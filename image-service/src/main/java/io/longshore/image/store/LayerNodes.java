package io.longshore.image.store;

import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Which node holds which layer. A node that holds a layer holds all under it, since agents make none without its parent and remove none
 * that another stands on: an image is where its highest layer is. Thread-safe.
 */
@Component
public class LayerNodes {
    /** An expression: the nodes that hold the image {@code f.id} of {@code :project}, as an array. */
    static final String HOLDERS = """
            array(select n.node from image_layer i join layer_node n using (chain_id)
                where i.project = :project and i.image_id = f.id and i.position = (
                    select max(position) from image_layer m where m.project = :project and m.image_id = f.id)
                order by n.node)""";

    private final JdbcClient jdbc;

    LayerNodes(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** The image that an owner has claimed, and whether a node holds it. */
    public record Claimed(Digest image, boolean held) {}

    /** Notes that a node holds these layers, each of which has a row; how many of them were news. */
    public int hold(NodeId node, Collection<Digest> chainIds) {
        // In one order everywhere, so that two never wait for each other.
        return jdbc.sql("""
                insert into layer_node (chain_id, node) select chain, :node from unnest(:chains::text[]) as c (chain) order by chain
                on conflict (chain_id, node) do nothing""")
                .param("node", node.value())
                .param("chains", array(chainIds))
                .update();
    }

    /** Notes that a node does not hold these layers. */
    public void drop(NodeId node, Collection<Digest> chainIds) {
        jdbc.sql("delete from layer_node where node = :node and chain_id = any(:chains)")
                .param("node", node.value())
                .param("chains", array(chainIds))
                .update();
    }

    /** The nodes that hold all of the image, in order of their ids; none for one without layers. */
    public List<NodeId> holders(String project, Digest image) {
        return jdbc.sql("select unnest(" + HOLDERS + ") from (values (:image)) as f (id)")
                .param("project", project)
                .param("image", image.value())
                .query((row, n) -> NodeId.parse(row.getString(1)))
                .list();
    }

    /**
     * The nodes that hold all of these images, in order of their ids.
     *
     * @return empty when it does not matter where, since none of the images has a layer
     */
    public Optional<List<NodeId>> holders(String project, Collection<Digest> images) {
        List<String> highest = jdbc.sql("""
                select distinct chain_id from (
                    select distinct on (image_id) image_id, chain_id from image_layer
                    where project = :project and image_id = any(:images) order by image_id, position desc) as h""")
                .param("project", project)
                .param("images", array(images))
                .query((row, n) -> row.getString(1))
                .list();
        if (highest.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(jdbc.sql("""
                select node from layer_node where chain_id = any(:chains) group by node having count(*) = :count order by node""")
                .param("chains", highest.toArray(String[]::new))
                .param("count", highest.size())
                .query((row, n) -> NodeId.parse(row.getString(1)))
                .list());
    }

    /** The nodes that hold a layer, in order of their ids. */
    public List<NodeId> holders(Digest chainId) {
        return jdbc.sql("select node from layer_node where chain_id = :chain order by node")
                .param("chain", chainId.value())
                .query((row, n) -> NodeId.parse(row.getString(1)))
                .list();
    }

    /** Which image an owner has claimed, and whether the node holds it: one query, on the way of every create. Empty without a claim. */
    public Optional<Claimed> claimed(String project, Owner owner, NodeId node) {
        return jdbc.sql("""
                select c.image_id, not exists (
                    select 1 from image_layer i where i.project = c.project and i.image_id = c.image_id and i.position = (
                        select max(position) from image_layer m where m.project = i.project and m.image_id = i.image_id)
                    and not exists (select 1 from layer_node n where n.chain_id = i.chain_id and n.node = :node)) as held
                from claim c where c.project = :project and c.container = :container and c.generation = :generation""")
                .param("node", node.value())
                .param("project", project)
                .param("container", owner.container().value())
                .param("generation", owner.generation())
                .query((row, n) -> new Claimed(Digest.parse(row.getString(1)), row.getBoolean(2)))
                .optional();
    }

    /**
     * Layers that some image needs and that the node is said to hold, with chain ids after one and up to another, but for the given ones:
     * what the node did not list though it should have.
     *
     * @param after null for from the beginning
     * @param last null for to the end
     */
    public List<LayerRef> unlisted(NodeId node, @Nullable Digest after, @Nullable Digest last, Set<Digest> listed) {
        return jdbc.sql("""
                select l.chain_id, l.diff_id from layer_node n join layer l using (chain_id)
                where n.node = :node and l.chain_id > :after and (:last = '' or l.chain_id <= :last) and l.chain_id <> all(:listed)
                and exists (select 1 from image_layer i where i.chain_id = l.chain_id) order by l.chain_id limit 1000""")
                .param("node", node.value())
                .param("after", after == null ? "" : after.value())
                .param("last", last == null ? "" : last.value())
                .param("listed", array(listed))
                .query((row, n) -> new LayerRef(Digest.parse(row.getString(1)), Digest.parse(row.getString(2))))
                .list();
    }

    /** Forgets what nodes held that are of the fleet no more; how many rows that were. */
    public int forgetOthers(Collection<NodeId> known) {
        return jdbc.sql("delete from layer_node where node <> all(:known)")
                .param("known", known.stream().map(NodeId::value).toArray(String[]::new))
                .update();
    }

    private static String[] array(Collection<Digest> chainIds) {
        return chainIds.stream().map(Digest::value).toArray(String[]::new);
    }
}
