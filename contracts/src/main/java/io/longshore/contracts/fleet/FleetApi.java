package io.longshore.contracts.fleet;

import io.longshore.contracts.Caller;
import io.longshore.contracts.id.NodeId;
import java.util.List;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PutExchange;

/** What agents tell fleet-service, and what the other services ask of it. */
public interface FleetApi {
    /** An agent's sign of life, every 3 s; the first one registers the node. Written to disk when something changed, or every 30 s. */
    @PutExchange("/internal/nodes/{id}")
    void heartbeat(Caller caller, @PathVariable NodeId id, @RequestBody Heartbeat heartbeat);

    /** All nodes, by name. */
    @GetExchange("/internal/nodes")
    List<Node> nodes(Caller caller);
}
