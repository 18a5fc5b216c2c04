package io.longshore.contracts.agent;

import io.longshore.contracts.Caller;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.ExecId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.DeleteExchange;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;
import org.springframework.web.service.annotation.PutExchange;

/**
 * The commands of a node-agent. All are idempotent. Only container-service commands it for containers, image-service for layers,
 * volume-service for volumes. Streams have paths of their own: {@link AgentPaths}.
 */
public interface AgentApi {
    /**
     * Makes a container what it should be: layers, volumes, sandbox, endpoint, process, in that order; what was made is undone in reverse
     * when a step fails. Answers when the process runs, or with the failure: {@code INVALID} when the command cannot be executed (the
     * message says why, and {@link Observed} then has exit code 126 or 127), {@code NOT_FOUND} when a layer is missing.
     */
    @PutExchange("/agent/containers/{id}")
    Observed apply(Caller caller, @PathVariable ContainerId id, @RequestBody ApplyRequest request);

    /** Sends a signal, and waits for the end when a grace is given. {@code NOT_FOUND}; {@code CONFLICT} when it does not run and no grace is given. */
    @PostExchange("/agent/containers/{id}/signal")
    Observed signal(Caller caller, @PathVariable ContainerId id, @RequestBody SignalRequest request);

    /** Removes a container and all it had on the node but its volumes. No error when the agent does not know it. */
    @PostExchange("/agent/containers/{id}/remove")
    void remove(Caller caller, @PathVariable ContainerId id, @RequestBody RemoveRequest request);

    /**
     * Freezes or thaws a container's processes. {@code NOT_FOUND}; {@code CONFLICT} when it does not run, or is so already.
     */
    @PostExchange("/agent/containers/{id}/pause")
    Observed pause(Caller caller, @PathVariable ContainerId id, @RequestBody PauseRequest request);

    /**
     * Changes limits and restart policy. {@code NOT_FOUND}; {@code INVALID} names the limit that the kernel refuses, and then all is as it
     * was.
     */
    @PostExchange("/agent/containers/{id}/update")
    Observed update(Caller caller, @PathVariable ContainerId id, @RequestBody UpdateRequest request);

    /** Sets the size of the terminal of a container's first process. {@code NOT_FOUND}; {@code CONFLICT} when it does not run or has none. */
    @PostExchange("/agent/containers/{id}/resize")
    void resize(Caller caller, @PathVariable ContainerId id, @RequestParam int rows, @RequestParam int columns);

    /**
     * Prepares an exec session, up to its command; whoever attaches then misses nothing of its output. {@code CONFLICT} when the container
     * does not run, {@code INVALID} when it has no such user or directory. A session that is there stays as it is.
     */
    @PutExchange("/agent/sessions/{session}")
    ObservedSession createSession(Caller caller, @PathVariable ExecId session, @RequestBody SessionRequest request);

    /**
     * Lets its command run; answers when it does. A command that cannot be executed ends the session: the answer is then EXITED with code
     * 126 or 127 and the reason. {@code NOT_FOUND}.
     */
    @PostExchange("/agent/sessions/{session}/start")
    ObservedSession startSession(Caller caller, @PathVariable ExecId session);

    /** One session; waits up to {@code waitMillis} (at most 30,000) for its end. {@code NOT_FOUND}, also when its end was confirmed. */
    @GetExchange("/agent/sessions/{session}")
    ObservedSession observeSession(Caller caller, @PathVariable ExecId session, @RequestParam int waitMillis);

    /** Sets the size of a session's terminal. {@code NOT_FOUND}; {@code CONFLICT} when it does not run or has none. */
    @PostExchange("/agent/sessions/{session}/resize")
    void resizeSession(Caller caller, @PathVariable ExecId session, @RequestParam int rows, @RequestParam int columns);

    /** One container; {@code NOT_FOUND}. */
    @GetExchange("/agent/containers/{id}")
    Observed observe(Caller caller, @PathVariable ContainerId id);

    /**
     * How much a container takes on disk. One that was never started has nothing of its own yet, and the agent may not know it: its
     * image's layers are given, lowest first. {@code NOT_FOUND} names a layer that is not held, {@code DEADLINE_EXCEEDED} a tree too large
     * to be measured in time.
     */
    @PostExchange("/agent/containers/{id}/size")
    ContainerSize size(Caller caller, @PathVariable ContainerId id, @RequestBody List<Digest> diffIds);

    /**
     * The processes of a container, by ps(1) with these arguments. {@code NOT_FOUND}; {@code CONFLICT} when it does not run; {@code INVALID} for
     * arguments that are not passed on; {@code INTERNAL} with what ps says when it refuses them.
     */
    @GetExchange("/agent/containers/{id}/top")
    ProcessTable top(Caller caller, @PathVariable ContainerId id, @RequestParam String psArguments);

    /**
     * What changed after revision {@code since} of {@code instance} (both absent: everything). Waits up to {@code waitMillis} (at most
     * 30,000) for a first change. Seeing a REMOVED container here and asking from a later revision is the receipt for it.
     */
    @GetExchange("/agent/changes")
    Changes changes(
            Caller caller,
            @RequestParam(required = false) @Nullable String instance,
            @RequestParam(required = false) @Nullable Long since,
            @RequestParam int waitMillis);

    /**
     * The highest epoch under which the agent was commanded: it refuses a command under a lower one. Whoever holds the lease may find that
     * its database does not know of this epoch, because it was restored from before.
     */
    @GetExchange("/agent/epoch")
    long highestEpoch(Caller caller);

    /**
     * Changes the networks of a container. {@code NOT_FOUND}; whatever cannot be connected is not, and then all is as it was.
     */
    @PostExchange("/agent/containers/{id}/network")
    Observed network(Caller caller, @PathVariable ContainerId id, @RequestBody NetworkRequest request);

    /**
     * Makes a network that the node does not have yet, and keeps it over restarts of agent and machine. {@code CONFLICT} when a subnet
     * overlaps with another network of the node, or a device of that name is there.
     */
    @PutExchange("/agent/networks/{id}")
    void createNetwork(Caller caller, @PathVariable String id, @RequestBody NetworkSpec network);

    /** Removes a network. {@code CONFLICT} when a container is on it. No error when there is none. */
    @DeleteExchange("/agent/networks/{id}")
    void removeNetwork(Caller caller, @PathVariable String id);

    /** Makes a volume if it is missing. {@code NOT_FOUND} when the node has no such driver; {@code INVALID} when that refuses the options. */
    @PutExchange("/agent/volumes/{name}")
    void createVolume(Caller caller, @PathVariable String name, @RequestBody VolumeOptions options);

    /** Removes a volume with its data. No error when there is none. */
    @DeleteExchange("/agent/volumes/{name}")
    void removeVolume(Caller caller, @PathVariable String name, @RequestParam String driver);

    /** What plugins say of all volumes that they have, whoever made them. */
    @GetExchange("/agent/volumes")
    PluginVolumes pluginVolumes(Caller caller);

    /**
     * What the plugin that has this volume says of it; empty when there is none.
     *
     * @param driver the plugin; empty to ask all, of which one that does not answer is passed over
     */
    @GetExchange("/agent/volumes/{name}")
    List<PluginVolume> pluginVolume(Caller caller, @PathVariable String name, @RequestParam String driver);

    /** Which of these paths of the host, at most 1,000, lead to nothing there: a mount of type bind needs its source to be there. */
    @PostExchange("/agent/paths/missing")
    List<String> missingPaths(Caller caller, @RequestBody List<String> paths);

    /** Bytes of a volume's files. {@code NOT_FOUND}; {@code DEADLINE_EXCEEDED} when it is too large to be measured in time. */
    @GetExchange("/agent/volumes/{name}/size")
    long volumeSize(Caller caller, @PathVariable String name, @RequestParam String driver);

    /** Removes unpacked layers and their blobs, by chain id, children first. {@code CONFLICT} names a container that still uses one. */
    @PostExchange("/agent/layers/remove")
    void removeLayers(Caller caller, @RequestBody List<LayerRef> layers);

    /**
     * Which of these layers the node holds, by chain id. A load or import keeps its layers from being removed until image-service, having
     * written them down, asks this for them, or for five minutes.
     */
    @PostExchange("/agent/layers/held")
    List<LayerRef> heldLayers(Caller caller, @RequestBody List<LayerRef> layers);

    /**
     * The layers that the node holds and no load or import keeps, in order of their chain ids: those after {@code after} (absent: from
     * the beginning), at most {@code limit} (1 to 1,000).
     */
    @GetExchange("/agent/layers")
    List<HeldLayer> layers(
            Caller caller, @RequestParam(required = false) @Nullable Digest after, @RequestParam int limit);
}
