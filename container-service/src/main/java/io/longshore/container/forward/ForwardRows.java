package io.longshore.container.forward;

import io.longshore.container.state.ContainerState;
import io.longshore.contracts.agent.ContainerSpec.Network;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.ForwardState;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.web.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The containers that publish ports, from their rows. */
@Component
class ForwardRows {
    /** The last line is as the index has it. */
    private static final String ALIVE = """
            select id, name, node, generation, starts, spec -> 'network' as network, coalesce(observed -> 'ports', '[]') as ports
            from container
            where state in ('RUNNING', 'PAUSED', 'RESTARTING') and node in (:nodes)
              and jsonb_path_exists(spec, '$.network.ports[*]')""";

    private static final int AT_ONCE = 500;

    private final JdbcClient jdbc;

    ForwardRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** One of them, with what an entry that is another node than its own is to do. */
    record Publishing(NodeId node, Forward forward) {}

    /**
     * All that run, or are about to be started again, on these nodes.
     *
     * @param addresses of the nodes, at which entries reach them
     */
    List<Publishing> on(Map<NodeId, String> addresses) {
        if (addresses.isEmpty()) {
            return List.of();
        }
        List<Publishing> all = new ArrayList<>();
        jdbc.sql(ALIVE)
                .param("nodes", addresses.keySet().stream().map(NodeId::value).toList())
                .query(row -> {
                    NodeId node = NodeId.parse(row.getString("node"));
                    Network network = Json.mapper().readValue(row.getString("network"), Network.class);
                    Forward asked = new Forward(
                            ContainerId.parse(row.getString("id")),
                            FarPorts.order(row.getInt("generation"), row.getLong("starts")),
                            row.getString("name"),
                            "",
                            addresses.getOrDefault(node, ""),
                            "",
                            FarPorts.wanted(network));
                    PublishedPort[] there = Json.mapper().readValue(row.getString("ports"), PublishedPort[].class);
                    all.add(new Publishing(node, FarPorts.running(asked, List.of(there))));
                });
        return all;
    }

    /** Of these starts those that are over: their container does not run any more, or is gone. */
    List<ForwardState.Start> over(List<ForwardState.Start> starts) {
        Map<String, Start> rows = new HashMap<>();
        for (int from = 0; from < starts.size(); from += AT_ONCE) {
            List<String> ids = starts.subList(from, Math.min(starts.size(), from + AT_ONCE)).stream()
                    .map(each -> each.container().value())
                    .toList();
            jdbc.sql("select id, generation, starts, state from container where id in (:ids)")
                    .param("ids", ids)
                    .query(row -> {
                        boolean alive =
                                ContainerState.valueOf(row.getString("state")).alive();
                        long number = FarPorts.order(row.getInt("generation"), row.getLong("starts"));
                        rows.put(row.getString("id"), new Start(number, alive));
                    });
        }
        return starts.stream()
                .filter(each -> {
                    Start row = rows.get(each.container().value());
                    return row == null || (row.number() >= each.start() && !row.alive());
                })
                .toList();
    }

    private record Start(long number, boolean alive) {}
}
