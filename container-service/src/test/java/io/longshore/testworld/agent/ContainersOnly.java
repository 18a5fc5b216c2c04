package io.longshore.testworld.agent;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.agent.HeldLayer;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.agent.PluginVolume;
import io.longshore.contracts.agent.PluginVolumes;
import io.longshore.contracts.agent.VolumeOptions;
import io.longshore.contracts.id.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What of an agent's commands container-service gives none of. */
abstract class ContainersOnly implements AgentApi {
    @Override
    public void createVolume(Caller caller, String name, VolumeOptions options) {
        throw new UnsupportedOperationException("volumes are elsewhere");
    }

    @Override
    public void removeVolume(Caller caller, String name, String driver) {
        throw new UnsupportedOperationException("volumes are elsewhere");
    }

    @Override
    public PluginVolumes pluginVolumes(Caller caller) {
        throw new UnsupportedOperationException("volumes are elsewhere");
    }

    @Override
    public List<PluginVolume> pluginVolume(Caller caller, String name, String driver) {
        throw new UnsupportedOperationException("volumes are elsewhere");
    }

    @Override
    public long volumeSize(Caller caller, String name, String driver) {
        throw new UnsupportedOperationException("volumes are elsewhere");
    }

    @Override
    public List<String> missingPaths(Caller caller, List<String> paths) {
        return paths.stream().filter(path -> path.contains("missing")).toList();
    }

    @Override
    public void removeLayers(Caller caller, List<LayerRef> layers) {
        throw new UnsupportedOperationException("layers are elsewhere");
    }

    @Override
    public List<HeldLayer> layers(Caller caller, @Nullable Digest after, int limit) {
        throw new UnsupportedOperationException("layers are elsewhere");
    }

    @Override
    public List<LayerRef> heldLayers(Caller caller, List<LayerRef> layers) {
        throw new UnsupportedOperationException("layers are elsewhere");
    }
}
