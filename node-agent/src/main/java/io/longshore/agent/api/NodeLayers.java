package io.longshore.agent.api;

import io.longshore.contracts.agent.LayerRef;
import java.util.List;

/** The layers of this node, as far as {@code AgentApi} asks for them. */
public interface NodeLayers {
    /** See {@code AgentApi.removeLayers}. */
    void remove(List<LayerRef> layers);

    /** See {@code AgentApi.heldLayers}. */
    List<LayerRef> held(List<LayerRef> layers);
}
