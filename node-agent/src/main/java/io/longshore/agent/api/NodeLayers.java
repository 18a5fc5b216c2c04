package io.longshore.agent.api;

import io.longshore.contracts.agent.HeldLayer;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.id.Digest;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The layers of this node, as far as {@code AgentApi} asks for them. */
public interface NodeLayers {
    /** See {@code AgentApi.removeLayers}; what has not begun when the limit passes is not done. */
    void remove(List<LayerRef> layers, Duration limit);

    /** See {@code AgentApi.heldLayers}. */
    List<LayerRef> held(List<LayerRef> layers);

    /** See {@code AgentApi.layers}. */
    List<HeldLayer> list(@Nullable Digest after, int limit);
}
