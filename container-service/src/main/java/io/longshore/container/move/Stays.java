package io.longshore.container.move;

import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.support.TransactionTemplate;

/** The table {@code stay}: why containers of nodes that are being drained stay there. Thread-safe. */
@Repository
public class Stays {
    private static final String PUT = "insert into stay (container, node, reason) values (:container, :node, :reason)"
            + " on conflict (container) do update set node = excluded.node, reason = excluded.reason"
            + " where (stay.node, stay.reason) <> (excluded.node, excluded.reason)";

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;

    Stays(JdbcClient jdbc, TransactionTemplate transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /** Of a node's containers. */
    public Map<ContainerId, String> of(NodeId node) {
        Map<ContainerId, String> all = new HashMap<>();
        jdbc.sql("select container, reason from stay where node = :node")
                .param("node", node.value())
                .query(row -> {
                    all.put(ContainerId.parse(row.getString("container")), row.getString("reason"));
                });
        return all;
    }

    /** Of the containers of all nodes, by node. */
    public Map<NodeId, Map<ContainerId, String>> all() {
        Map<NodeId, Map<ContainerId, String>> all = new HashMap<>();
        jdbc.sql("select container, node, reason from stay").query(row -> {
            all.computeIfAbsent(NodeId.parse(row.getString("node")), none -> new HashMap<>())
                    .put(ContainerId.parse(row.getString("container")), row.getString("reason"));
        });
        return all;
    }

    /** These are all of a node from now on. What is so already is not written. */
    public void replace(NodeId node, Map<ContainerId, String> reasons) {
        Map<ContainerId, String> before = of(node);
        if (before.equals(reasons)) {
            return;
        }
        transactions.executeWithoutResult(status -> {
            reasons.forEach((container, reason) -> {
                if (!reason.equals(before.get(container))) {
                    put(node, container, reason);
                }
            });
            List<String> gone = before.keySet().stream()
                    .filter(container -> !reasons.containsKey(container))
                    .map(ContainerId::value)
                    .toList();
            if (!gone.isEmpty()) {
                jdbc.sql("delete from stay where node = :node and container in (:gone)")
                        .param("node", node.value())
                        .param("gone", gone)
                        .update();
            }
        });
    }

    /** The container stays on the node for this reason; false when that is known. */
    public boolean put(NodeId node, ContainerId container, String reason) {
        return jdbc.sql(PUT)
                        .param("container", container.value())
                        .param("node", node.value())
                        .param("reason", reason)
                        .update()
                == 1;
    }

    /** On all nodes but these nobody has a reason to give. */
    public void keepOnly(Collection<NodeId> drained) {
        jdbc.sql("delete from stay where node <> all (cast(:nodes as text[]))")
                .param("nodes", drained.stream().map(NodeId::value).toArray(String[]::new))
                .update();
    }
}
