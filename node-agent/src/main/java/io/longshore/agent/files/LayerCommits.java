package io.longshore.agent.files;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.id.ContainerId;
import java.util.List;

/** Makes layers of containers' changes. */
@FunctionalInterface
public interface LayerCommits {
    /** See {@code AgentFilesApi.commit}. */
    List<LoadedLayer> commit(Caller caller, ContainerId id);
}
