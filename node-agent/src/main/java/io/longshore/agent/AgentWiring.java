package io.longshore.agent;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.container.Containers;
import io.longshore.agent.container.Drivers;
import io.longshore.agent.content.ContentStore;
import io.longshore.agent.feed.ChangesFeed;
import io.longshore.agent.figures.ContainerFigures;
import io.longshore.agent.figures.SampleFeed;
import io.longshore.agent.figures.StatsLine;
import io.longshore.agent.files.ContainerFiles;
import io.longshore.agent.files.LayerCommits;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.VolumeCopyUp;
import io.longshore.agent.image.ImageIntake;
import io.longshore.agent.image.ImageSave;
import io.longshore.agent.image.Transfers;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.SpreadDirectory;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.agent.log.LogCompression;
import io.longshore.agent.node.Heartbeats;
import io.longshore.agent.node.KernelNeeds;
import io.longshore.agent.node.NodeFacts;
import io.longshore.agent.node.NodeIdentity;
import io.longshore.agent.sandbox.NetworkDrivers;
import io.longshore.agent.session.SessionStore;
import io.longshore.agent.session.Sessions;
import io.longshore.agent.state.Epochs;
import io.longshore.agent.state.Lives;
import io.longshore.agent.state.StateStore;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.id.NodeId;
import io.longshore.oci.tar.TarLimits;
import io.longshore.platform.client.Parts;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.run.IdentityProperties;
import io.longshore.platform.run.ListenAddresses;
import io.longshore.platform.run.Listener;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.ServiceAddresses;
import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import tools.jackson.databind.json.JsonMapper;

/** Puts the agent together. */
@Configuration(proxyBeanMethods = false)
class AgentWiring {
    @Bean
    WorkDirectory workDirectory(AgentProperties properties, Syscalls syscalls) {
        checkMachine(properties, syscalls);
        return WorkDirectory.open(properties.workDirectoryOrDefault());
    }

    /** A {@link StartFailure} that names in one line all that the native drivers miss on this machine. */
    static void checkMachine(AgentProperties properties, Syscalls syscalls) {
        List<String> missing =
                properties.driversOrDefault().anyNative() ? KernelNeeds.missing(syscalls) : List.<String>of();
        if (!missing.isEmpty()) {
            throw new StartFailure("this machine cannot run containers: " + String.join("; ", missing));
        }
    }

    /** For calls of the graph driver: as many as a disk serves well at once, and a queue for a burst of creates. */
    @Bean
    NativePool graphCalls() {
        return new NativePool("graph", 4, 4096);
    }

    /** Deleting large trees takes minutes on a slow disk. */
    @Bean
    NativePool graphRemovals() {
        return new NativePool("graph-removal", 2, 4096);
    }

    /** Filling volumes: one of a plugin may be on a file system that does not answer, which is to hold up no container without one. */
    @Bean
    NativePool volumeFillings() {
        return new NativePool("volume-filling", 4, 4096);
    }

    @Bean
    GraphRoots graphRoots(
            GraphDriver driver,
            Syscalls syscalls,
            WalkMemory memory,
            NativePool graphCalls,
            NativePool graphRemovals,
            NativePool volumeFillings) {
        VolumeCopyUp copyUp = new VolumeCopyUp(syscalls, driver, memory);
        return new GraphRoots(driver, copyUp, graphCalls, graphRemovals, volumeFillings);
    }

    @Bean
    VolumeRemovals volumeRemovals(VolumeDrivers drivers) {
        return new VolumeRemovals(drivers);
    }

    @Bean
    GraphSizes graphSizes(GraphDriver driver, VolumeDrivers volumes) {
        return new GraphSizes(driver, volumes);
    }

    @Bean
    ContainerFigures containerFigures(Containers containers, Drivers drivers) {
        return new ContainerFigures(containers, drivers.exec());
    }

    @Bean
    SampleFeed sampleFeed(ContainerFigures figures) {
        return new SampleFeed(id -> StatsLine.of(figures.now(id)), 1_000);
    }

    /** Taking images in has threads of its own: unpacking two at once keeps a disk busy, and no create waits behind them. */
    @Bean(destroyMethod = "close")
    NativePool imageCalls() {
        return new NativePool("image", 2, 256);
    }

    /** Removing layers has a thread of its own, so that it waits behind no unpacking. */
    @Bean(destroyMethod = "close")
    NativePool layerRemovals() {
        return new NativePool("layer-removal", 1, 256);
    }

    @Bean
    ContentStore contentStore(WorkDirectory work) throws IOException {
        return ContentStore.open(work.path().resolve("content"));
    }

    @Bean
    ImageIntake imageIntake(GraphDriver driver, ContentStore content, NativePool imageCalls, NativePool layerRemovals)
            throws IOException {
        return new ImageIntake(driver, content, imageCalls, layerRemovals, TarLimits.DEFAULT);
    }

    @Bean(destroyMethod = "close")
    Transfers transfers(ImageIntake intake, ContentStore content) {
        return new Transfers(intake, content);
    }

    @Bean
    ImageSave imageSave(ContentStore content) {
        return new ImageSave(content);
    }

    @Bean
    ChangesFeed changesFeed(WorkDirectory work) {
        return new ChangesFeed(Clock.systemUTC(), Lives.begin(work.state("life")));
    }

    @Bean
    Sessions sessions(Containers containers, WorkDirectory work, JsonMapper json, ChangesFeed feed) {
        return new Sessions(containers, new SessionStore(work.state("sessions"), json), feed);
    }

    @Bean
    Containers containers(Drivers drivers, WorkDirectory work, JsonMapper json, Syscalls syscalls, ChangesFeed feed) {
        Path directories = work.path().resolve("containers");
        StateStore store = new StateStore(directories, json);
        SpreadDirectory.mark(syscalls, directories);
        return new Containers(
                drivers, store, new Epochs(work.state("epoch")), feed, Path.of("/etc"), KernelNeeds.bootId());
    }

    @Bean(initMethod = "start", destroyMethod = "close")
    LogCompression logCompression(Containers containers) {
        return new LogCompression(containers::compressedLogs);
    }

    @Bean
    ContainerFiles containerFiles(
            AgentProperties properties,
            Syscalls syscalls,
            Containers containers,
            GraphDriver graph,
            VolumeDrivers volumes,
            WalkMemory memory) {
        return new ContainerFiles(syscalls, containers, graph, volumes, memory, properties.attachStallOrDefault());
    }

    @Bean
    LayerCommits layerCommits(Containers containers, GraphDriver graph, ImageIntake intake) {
        return (caller, id) ->
                intake.add(containers.spec(id).image().diffIds(), tar -> graph.writeLayer(id, tar), caller.remaining());
    }

    @Bean
    NodeFacts nodeFacts(
            WorkDirectory work,
            GraphDriver graph,
            Drivers drivers,
            NetworkDrivers networks,
            AppArmor appArmor,
            RunProperties run,
            Environment environment) {
        // Of the gateway, if that is on this machine, too.
        String socket = environment.getProperty(
                "gateway.socket",
                run.directoryOrDefault().resolve("longshore.sock").toString());
        return new NodeFacts(
                work.path(),
                new NodeFacts.Fittings(
                        graph.name(),
                        networks.names(),
                        drivers.volumes()::names,
                        Stream.concat(
                                        Stream.of(DriverWiring.LONGSHORE),
                                        drivers.exec().keySet().stream().sorted())
                                .distinct()
                                .toList(),
                        appArmor,
                        Path.of(socket)),
                networks::remarks);
    }

    @Bean
    AgentLifecycle agentLifecycle(Containers containers, Heartbeats heartbeats) {
        return new AgentLifecycle(containers, heartbeats);
    }

    @Bean(destroyMethod = "")
    Heartbeats heartbeats(Parts parts, ServiceAddresses addresses, RunProperties run, Speaker speaker) {
        FleetApi fleet = parts.client(FleetApi.class, Part.FLEET.id(), addresses.of(Part.FLEET, run));
        return new Heartbeats(fleet, speaker.node(), speaker::heartbeat);
    }

    @Bean
    Speaker speaker(
            AgentProperties properties,
            WorkDirectory work,
            NodeFacts facts,
            Listener listener,
            ListenAddresses listen,
            IdentityProperties identity,
            MutualTls tls) {
        NodeId joined = identity.directory() != null && tls.identity().who() instanceof PartIdentity.Node node
                ? node.id()
                : null;
        return new Speaker(
                properties,
                NodeIdentity.of(work.state("node-id"), joined),
                facts,
                properties.address(listen, listener),
                properties.dataAddress(listen, listener),
                properties.isEntry(listen));
    }

    /** What the agent says of itself. */
    record Speaker(
            AgentProperties properties,
            NodeId node,
            NodeFacts facts,
            String address,
            @Nullable String dataAddress,
            boolean entry) {
        Heartbeat heartbeat() {
            String name = properties.nodeName();
            NodeInfo info = facts.info().entry(entry);
            return new Heartbeat(
                    name == null ? facts.hostname() : name,
                    address,
                    KernelNeeds.bootId(),
                    properties.labelsOrDefault(),
                    dataAddress == null ? info : info.dataAddress(dataAddress));
        }
    }
}
