package io.longshore.container.drain;

import io.longshore.container.lifecycle.Claims;
import io.longshore.container.lifecycle.Placing;
import io.longshore.container.move.Move;
import io.longshore.container.move.Moves;
import io.longshore.container.placement.Agents;
import io.longshore.container.request.RequestCheck;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.NodeFull;
import io.longshore.contracts.Caller;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.platform.web.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Finds another node for a container, and reserves there what it needs: nothing of it is touched yet. */
@Component
class Destination {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Placing placing;
    private final Claims claims;
    private final Loss loss;
    private final Moves moves;

    Destination(Placing placing, Claims claims, Loss loss, Moves moves) {
        this.placing = placing;
        this.claims = claims;
        this.loss = loss;
        this.moves = moves;
    }

    /** The move as it is written down. A failure says why there is no node for it. */
    Move reserve(ContainerRow row) {
        Caller caller = Agents.own(row.project(), LIMIT);
        // As what it holds already; the answer says where that is.
        ClaimedImage image = claims.image(caller, row.owner(), row.image().value());
        Map<String, String> labels = Loss.labels(row, image);
        loss.refuse(caller, row, labels);
        CreateRequest request = withLabels(row, labels);
        Placing.Search search = placing.away(caller, request, image);
        for (int attempt = 0; attempt < Placing.MOST_ATTEMPTS; attempt++) {
            Node node = search.next(caller);
            String unfit = node.id().equals(row.node()) ? "it is there" : unfit(search, request, node);
            if (unfit != null) {
                search.unfit(node, unfit);
                continue;
            }
            Move move = new Move(
                    row.id(),
                    row.project(),
                    row.generation() + 1,
                    row.node(),
                    node.id(),
                    false,
                    false,
                    false,
                    Instant.now());
            try {
                if (moves.begin(move, search.on(caller, node))) {
                    return move;
                }
                throw new Failure.Conflict("what it has left on the node that it came from is not removed yet");
            } catch (NodeFull e) {
                search.refused(node.id(), e);
            }
        }
        throw new Failure.Unavailable("no suitable node: each was taken by others meanwhile");
    }

    /** Only what the container itself says is a wish. */
    private static CreateRequest withLabels(ContainerRow row, Map<String, String> labels) {
        CreateRequest request = row.request();
        if (labels.equals(row.labels())) {
            return request;
        }
        ObjectNode config = Json.mapper().valueToTree(request.config());
        config.set("Labels", Json.mapper().valueToTree(labels));
        return new CreateRequest(
                Json.mapper().treeToValue(config, ContainerConfig.class),
                request.hostConfig(),
                request.networkingConfig());
    }

    private static @Nullable String unfit(Placing.Search search, CreateRequest request, Node node) {
        if (search.isPortNamed(node.id())) {
            return "another container there names one of its ports";
        }
        try {
            RequestCheck.checkComplete(request, node);
            return null;
        } catch (Failure e) {
            return e.text();
        }
    }
}
