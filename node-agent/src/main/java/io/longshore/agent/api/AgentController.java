package io.longshore.agent.api;

import io.longshore.agent.container.Containers;
import io.longshore.agent.figures.ContainerFigures;
import io.longshore.agent.session.Sessions;
import io.longshore.agent.volumedriver.VolumeDriverSource;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.Changes;
import io.longshore.contracts.agent.ContainerSize;
import io.longshore.contracts.agent.HeldLayer;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.agent.NetworkRequest;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.agent.PauseRequest;
import io.longshore.contracts.agent.PluginVolume;
import io.longshore.contracts.agent.PluginVolumes;
import io.longshore.contracts.agent.ProcessTable;
import io.longshore.contracts.agent.RemoveRequest;
import io.longshore.contracts.agent.SessionRequest;
import io.longshore.contracts.agent.SignalRequest;
import io.longshore.contracts.agent.UpdateRequest;
import io.longshore.contracts.agent.VolumeOptions;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.ExecId;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RestController;

/** Commands for containers, volumes and layers. */
@RestController
final class AgentController implements AgentApi {
    private static final int LONGEST_WAIT_MILLIS = 30_000;
    private static final int MOST_PATHS = 1_000;

    private final Containers containers;
    private final Sessions sessions;
    private final VolumeDrivers volumes;
    private final VolumeRemoval removal;
    private final NodeLayers layers;
    private final NodeSizes sizes;
    private final ContainerFigures figures;

    AgentController(
            Containers containers,
            Sessions sessions,
            VolumeDrivers volumes,
            VolumeRemoval removal,
            NodeLayers layers,
            NodeSizes sizes,
            ContainerFigures figures) {
        this.containers = containers;
        this.sessions = sessions;
        this.volumes = volumes;
        this.removal = removal;
        this.layers = layers;
        this.sizes = sizes;
        this.figures = figures;
    }

    @Override
    public Observed apply(Caller caller, ContainerId id, ApplyRequest request) {
        return containers.apply(caller, id, request);
    }

    @Override
    public Observed signal(Caller caller, ContainerId id, SignalRequest request) {
        return containers.signal(caller, id, request);
    }

    @Override
    public void remove(Caller caller, ContainerId id, RemoveRequest request) {
        containers.remove(caller, id, request);
    }

    @Override
    public Observed pause(Caller caller, ContainerId id, PauseRequest request) {
        return containers.pause(caller, id, request);
    }

    @Override
    public Observed update(Caller caller, ContainerId id, UpdateRequest request) {
        return containers.update(caller, id, request);
    }

    @Override
    public void resize(Caller caller, ContainerId id, int rows, int columns) {
        containers.resize(id, rows, columns);
    }

    @Override
    public ObservedSession createSession(Caller caller, ExecId session, SessionRequest request) {
        return sessions.create(session, request);
    }

    @Override
    public ObservedSession startSession(Caller caller, ExecId session) {
        return sessions.start(session);
    }

    @Override
    public ObservedSession observeSession(Caller caller, ExecId session, int waitMillis) {
        return sessions.observe(session, Duration.ofMillis(Math.clamp(waitMillis, 0, LONGEST_WAIT_MILLIS)));
    }

    @Override
    public void resizeSession(Caller caller, ExecId session, int rows, int columns) {
        sessions.resize(session, rows, columns);
    }

    @Override
    public Observed observe(Caller caller, ContainerId id) {
        return containers.observe(id);
    }

    @Override
    public ContainerSize size(Caller caller, ContainerId id, List<Digest> diffIds) {
        return sizes.of(id, diffIds, caller.remaining());
    }

    @Override
    public ProcessTable top(Caller caller, ContainerId id, String psArguments) {
        return figures.top(id, psArguments);
    }

    @Override
    public Changes changes(Caller caller, @Nullable String instance, @Nullable Long since, int waitMillis) {
        int wait = Math.clamp(waitMillis, 0, LONGEST_WAIT_MILLIS);
        return containers.changes(instance, since, Duration.ofMillis(wait));
    }

    @Override
    public long highestEpoch(Caller caller) {
        return containers.highestEpoch();
    }

    @Override
    public Observed network(Caller caller, ContainerId id, NetworkRequest request) {
        return containers.network(caller, id, request);
    }

    @Override
    public void createNetwork(Caller caller, String id, NetworkSpec network) {
        if (!network.id().equals(id)) {
            throw new Failure.Invalid("the path names network " + id + ", the specification " + network.id());
        }
        containers.createNetwork(network);
    }

    @Override
    public void removeNetwork(Caller caller, String id) {
        containers.removeNetwork(id);
    }

    @Override
    public void createVolume(Caller caller, String name, VolumeOptions options) {
        volumes.named(options.driver()).create(VolumeName.parse(name), options.options());
    }

    @Override
    public void removeVolume(Caller caller, String name, String driver) {
        removal.remove(driver, VolumeName.parse(name), caller.remaining());
    }

    @Override
    public PluginVolumes pluginVolumes(Caller caller) {
        return volumes.others().list();
    }

    @Override
    public List<PluginVolume> pluginVolume(Caller caller, String name, String driver) {
        VolumeName volume = VolumeName.parse(name);
        VolumeDriverSource plugins = volumes.others();
        return (driver.isEmpty() ? plugins.find(volume) : plugins.find(driver, volume))
                .stream().toList();
    }

    @Override
    public List<String> missingPaths(Caller caller, List<String> paths) {
        if (paths.size() > MOST_PATHS) {
            throw new Failure.TooLarge(paths.size() + " paths: at most " + MOST_PATHS);
        }
        return sizes.missing(paths, caller.remaining());
    }

    @Override
    public long volumeSize(Caller caller, String name, String driver) {
        return sizes.of(driver, VolumeName.parse(name), caller.remaining());
    }

    @Override
    public void removeLayers(Caller caller, List<LayerRef> refs) {
        layers.remove(refs, caller.remaining());
    }

    @Override
    public List<LayerRef> heldLayers(Caller caller, List<LayerRef> refs) {
        return layers.held(refs);
    }

    @Override
    public List<HeldLayer> layers(Caller caller, @Nullable Digest after, int limit) {
        return layers.list(after, Math.clamp(limit, 1, 1000));
    }
}
