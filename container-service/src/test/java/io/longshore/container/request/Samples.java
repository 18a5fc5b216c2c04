package io.longshore.container.request;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.platform.web.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Requests, an image and a node for tests. */
public final class Samples {
    /** Identity used throughout. */
    public static final ContainerId ID = ContainerId.parse("a1".repeat(32));

    private static final List<String> FEATURES = List.of(
            "memoryLimit",
            "swapLimit",
            "memoryReservation",
            "memorySwappiness",
            "oomKillDisable",
            "cpuShares",
            "cpuCfsQuota",
            "cpuset",
            "pidsLimit",
            "kernelMemory",
            "cpuRealtime",
            "blkioWeight",
            "blkioWeightDevice",
            "blkioRates");

    private Samples() {}

    /** A request on network none with more fields of HostConfig, as JSON members. */
    public static CreateRequest request(String configMembers, String hostMembers) {
        return CreateBody.parse(("{\"Image\": \"busybox\"" + comma(configMembers)
                        + ", \"HostConfig\": {\"NetworkMode\": \"none\"" + comma(hostMembers) + "}}")
                .getBytes(StandardCharsets.UTF_8));
    }

    private static String comma(String members) {
        return members.isEmpty() ? "" : ", " + members;
    }

    /** An image with this configuration, as JSON. */
    public static ClaimedImage image(String config) {
        return new ClaimedImage(
                Digest.ofHex("b2".repeat(32)),
                Json.mapper().readValue(config, ImageConfig.class),
                List.of(Digest.ofHex("c3".repeat(32))),
                "linux",
                "amd64",
                List.of(),
                true);
    }

    /** An image that runs sh. */
    public static ClaimedImage image() {
        return image("{\"Cmd\": [\"sh\"], \"Env\": [\"PATH=/bin\"]}");
    }

    /** A node with two processors and cgroup version 1. */
    public static Node node() {
        return node(List.of());
    }

    /** The same with these security options, such as AppArmor. */
    public static Node node(List<String> securityOptions) {
        return node(securityOptions, FEATURES);
    }

    /** The same without some features of its kernel. */
    public static Node nodeWithout(String... missing) {
        List<String> features = new ArrayList<>(FEATURES);
        features.removeAll(List.of(missing));
        return node(List.of(), features);
    }

    private static Node node(List<String> securityOptions, List<String> features) {
        NodeInfo info = new NodeInfo(
                2,
                8L << 30,
                "6.18.0",
                "Debian GNU/Linux 12 (bookworm)",
                "12",
                "linux",
                "x86_64",
                1,
                "cgroupfs",
                "overlay2",
                List.of(),
                List.of("json-file", "none"),
                List.of("host", "null"),
                List.of("local"),
                List.of("longshore"),
                "longshore",
                securityOptions,
                "",
                "/var/lib/longshore",
                features,
                List.of(),
                List.of("CAP_SYS_RESOURCE"),
                null,
                null,
                null,
                null);
        return new Node(NodeId.parse("node-1"), "ship", "unix:/run/a.sock", Map.of(), info, Instant.EPOCH, true);
    }

    /** The request, complete. */
    public static CreateRequest complete(CreateRequest request, ClaimedImage image) {
        return Completion.complete(request, ID, image, node());
    }

    /** The mounts of a complete request that takes none of others, with volumes that are called as they are wanted. */
    public static List<io.longshore.contracts.agent.ContainerSpec.Mount> mounts(CreateRequest complete) {
        MountPoints points = MountPoints.of(complete, name -> List.of());
        return points.resolved(points.volumes().stream()
                .map(wanted -> new ClaimedVolume(
                        wanted.name() == null ? "f6".repeat(32) : wanted.name(),
                        wanted.destination(),
                        "local",
                        wanted.name() == null))
                .toList());
    }

    /** The spec of a complete request. */
    public static io.longshore.contracts.agent.ContainerSpec spec(CreateRequest complete) {
        return SpecBuilder.build(
                new SpecBuilder.Identity(new Owner(ID, 1), "misty_capstan", "default"),
                complete,
                new SpecBuilder.Claims(
                        image(),
                        List.of(new ClaimedEndpoint(
                                "e5".repeat(32),
                                NetworkSpec.plain("d4".repeat(32), "none", "null"),
                                "",
                                List.of(),
                                "")),
                        mounts(complete)));
    }

    /** A row as it is once the container has been created. */
    public static ContainerRow row(ContainerId id, Instant created, CreateRequest complete) {
        return new ContainerRow(
                id,
                "default",
                "misty_capstan",
                1,
                1,
                ContainerState.CREATED,
                node().id(),
                image().id(),
                created,
                false,
                complete,
                spec(complete),
                null,
                0,
                0);
    }
}
