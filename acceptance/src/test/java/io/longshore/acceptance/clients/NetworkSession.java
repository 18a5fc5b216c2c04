package io.longshore.acceptance.clients;

import static java.util.Objects.requireNonNull;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.EventType;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.Network;
import com.github.dockerjava.api.model.NetworkSettings;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Networks, volumes, and the events of both. */
record NetworkSession(DockerClient client, Lines lines) {
    private static final ExposedPort PORT = ExposedPort.tcp(80);

    void run() throws IOException, InterruptedException {
        String since = String.valueOf(Instant.now().getEpochSecond());
        Heard<Event> live = client.eventsCmd()
                .withEventTypeFilter(EventType.NETWORK, EventType.VOLUME)
                .withEventFilter("create", "connect", "disconnect", "destroy")
                .exec(new Heard<>());
        live.awaitStarted();
        networks();
        volumes();
        live.until(event -> event.getType() == EventType.VOLUME && "destroy".equals(event.getAction()));
        live.close();
        lines.tell(
                "events",
                live.all().stream().map(NetworkSession::told).distinct().toList());
        Heard<Event> past = client.eventsCmd()
                .withSince(since)
                .withUntil(String.valueOf(Instant.now().getEpochSecond() + 1))
                .withEventTypeFilter(EventType.VOLUME)
                .withEventFilter("create", "destroy")
                .exec(new Heard<>())
                .toItsEnd();
        // Docker Engine of some versions tells of a create with each use of a volume.
        lines.tell(
                "past events",
                past.all().stream().map(NetworkSession::told).distinct().toList());
        lines.tell(
                "left",
                client.listContainersCmd().withShowAll(true).exec(),
                client.listNetworksCmd().exec().stream()
                        .map(Network::getName)
                        .sorted()
                        .toList());
    }

    private static String told(Event event) {
        return requireNonNull(event.getType()).getValue() + " " + event.getAction();
    }

    private String started(String name, HostConfig config) {
        String id = client.createContainerCmd("busybox")
                .withName(name)
                .withCmd("sleep", "600")
                .withExposedPorts(PORT)
                .withHostConfig(config)
                .exec()
                .getId();
        client.startContainerCmd(id).exec();
        return id;
    }

    private void networks() {
        Network.Ipam.Config subnet =
                new Network.Ipam.Config().withSubnet("10.93.0.0/24").withGateway("10.93.0.1");
        String net = client.createNetworkCmd()
                .withName("net")
                .withLabels(Map.of("a", "b"))
                .withIpam(new Network.Ipam().withConfig(subnet))
                .exec()
                .getId();
        String server = started("server", HostConfig.newHostConfig().withNetworkMode("net"));
        String peer = started("peer", HostConfig.newHostConfig().withPortBindings(PortBinding.parse("80")));
        client.connectToNetworkCmd()
                .withNetworkId(net)
                .withContainerId(peer)
                .withContainerNetwork(new ContainerNetwork()
                        .withAliases("friend")
                        .withIpamConfig(new ContainerNetwork.Ipam().withIpv4Address("10.93.0.50")))
                .exec();
        Network seen = client.inspectNetworkCmd().withNetworkId("net").exec();
        lines.tell("network", seen.getName(), seen.getDriver(), seen.getLabels());
        lines.tell(
                "members", new TreeSet<>(seen.getContainers().keySet()).equals(new TreeSet<>(List.of(server, peer))));
        NetworkSettings settings = client.inspectContainerCmd(peer).exec().getNetworkSettings();
        lines.tell(
                "peer",
                new TreeSet<>(settings.getNetworks().keySet()),
                requireNonNull(settings.getNetworks().get("net")).getIpAddress(),
                Integer.parseInt(
                                requireNonNull(settings.getPorts().getBindings().get(PORT))[0].getHostPortSpec())
                        > 0);
        lines.refused("in use", () -> client.removeNetworkCmd(net).exec(), "has active endpoints");
        client.disconnectFromNetworkCmd()
                .withNetworkId(net)
                .withContainerId(peer)
                .exec();
        lines.refused(
                "overlaps",
                () -> client.createNetworkCmd()
                        .withName("overlap")
                        .withIpam(new Network.Ipam().withConfig(subnet))
                        .exec(),
                "Pool overlaps");
        List.of(server, peer)
                .forEach(id -> client.removeContainerCmd(id).withForce(true).exec());
        client.removeNetworkCmd(net).exec();
        lines.refused(
                "network removed",
                () -> client.inspectNetworkCmd().withNetworkId(net).exec(),
                "not found");
    }

    private void volumes() {
        client.createVolumeCmd()
                .withName("data")
                .withLabels(Map.of("keep", "yes"))
                .exec();
        String user = started(
                "user",
                HostConfig.newHostConfig().withNetworkMode("none").withBinds(new Bind("data", new Volume("/data"))));
        lines.tell(
                "mounted",
                requireNonNull(client.inspectContainerCmd(user).exec().getMounts()).stream()
                        .map(mount -> mount.getName() + " " + mount.getDestination() + " " + mount.getRW())
                        .toList());
        lines.refused("volume in use", () -> client.removeVolumeCmd("data").exec(), "volume is in use", user);
        client.removeContainerCmd(user).withForce(true).exec();
        lines.tell(
                "volumes",
                client.listVolumesCmd().withFilter("label", List.of("keep=yes")).exec().getVolumes().stream()
                        .map(volume -> volume.getName() + " " + volume.getDriver())
                        .toList());
        client.removeVolumeCmd("data").exec();
        lines.refused("volume removed", () -> client.inspectVolumeCmd("data").exec(), "no such volume");
    }
}
