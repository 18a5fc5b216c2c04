package io.longshore.contracts.agent;

import io.longshore.contracts.Caller;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

/** What a node-agent tells and makes of the files of its containers, for container-service; their bytes go by {@link AgentPaths}. */
public interface AgentFilesApi {
    /**
     * A file in the container, running or not; a link at the end of the path is not followed. {@code NOT_FOUND} "Could not find the file
     * ...", {@code INVALID} when the path is none, or wants a directory that is none.
     */
    @GetExchange("/agent/containers/{id}/stat")
    PathStat stat(Caller caller, @PathVariable ContainerId id, @RequestParam String path);

    /**
     * Makes a layer of what the container has changed, on top of its image's layers: all of them, lowest first, kept from removal as those of
     * a load are ({@link AgentApi#heldLayers}). A container that has changed nothing adds none.
     */
    @PostExchange("/agent/containers/{id}/commit")
    List<LoadedImage.LoadedLayer> commit(Caller caller, @PathVariable ContainerId id);
}
