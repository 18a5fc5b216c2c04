package io.longshore.standalone.plan;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.execdriver.libcontainer.PlanPreview;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.jna.JnaSeccompLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.node.NodeFacts;
import io.longshore.container.request.Completion;
import io.longshore.container.request.CreateBody;
import io.longshore.container.request.EndpointWishes;
import io.longshore.container.request.MountPoints;
import io.longshore.container.request.NamespaceModes;
import io.longshore.container.request.RequestCheck;
import io.longshore.container.request.SpecBuilder;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * {@code ./longshore plan [--image-config FILE] DOCKER-RUN-ARGUMENTS}: prints the stage programs of a run, call by call, and the writes to
 * its cgroup. The request goes the way that a client's goes, through the same checks; nothing is done, and no Longshore need run. What
 * only an image, a claim or the moment can say has a stated placeholder.
 */
public final class PlanMain {
    private static final String IMAGE_CONFIG = "--image-config";
    private static final Path WORK = Path.of("/var/lib/longshore");
    private static final ContainerId PLACEHOLDER_ID = ContainerId.parse("0".repeat(64));

    private PlanMain() {}

    public static void main(String[] arguments) {
        try {
            System.out.print(plan(List.of(arguments)));
        } catch (PlanRefused e) {
            fail(e.text());
        } catch (Failure e) {
            fail(e.text());
        }
    }

    private static void fail(String message) {
        System.err.println("longshore: plan: " + message);
        System.exit(1);
    }

    /** The whole text. */
    static String plan(List<String> arguments) {
        List<String> words = new ArrayList<>(arguments);
        Path file = null;
        if (!words.isEmpty() && words.getFirst().startsWith(IMAGE_CONFIG)) {
            String first = words.removeFirst();
            if (first.startsWith(IMAGE_CONFIG + "=")) {
                file = Path.of(first.substring(IMAGE_CONFIG.length() + 1));
            } else if (first.equals(IMAGE_CONFIG) && !words.isEmpty()) {
                file = Path.of(words.removeFirst());
            } else {
                throw new PlanRefused(IMAGE_CONFIG + " needs a file");
            }
        }
        RunRequest run = RunRequest.parse(words);
        return print(CreateBody.parse(run.body()), image(file, run.hasCommand()), file);
    }

    private static String print(CreateRequest request, ClaimedImage image, @Nullable Path file) {
        RequestCheck.check(request);
        if (!NamespaceModes.joined(request.hostConfig()).isEmpty()
                || !MountPoints.takenFrom(request).isEmpty()) {
            throw new PlanRefused(
                    "what another container has only a running Longshore knows: leave container:NAME out");
        }
        Syscalls syscalls = new JnaSyscalls();
        Node node = node();
        CreateRequest complete = Completion.complete(request, PLACEHOLDER_ID, image, node);
        List<String> warnings = RequestCheck.warnings(request, node);
        RequestCheck.checkComplete(complete, node);
        ContainerSpec spec = spec(complete, image);
        StringBuilder text = new StringBuilder();
        text.append("# A run of image ").append(spec.image().reference()).append(" on this machine, not done.\n");
        text.append("# Placeholders: container id 000..., the image's layers LAYERS");
        text.append(
                file == null
                        ? ", its configuration (no user, no command, no volumes; see --image-config FILE)\n"
                        : "\n");
        warnings.forEach(warning -> text.append("# WARNING: ").append(warning).append('\n'));
        return text.append(PlanPreview.print(
                        syscalls, new JnaSeccompLibrary(syscalls), CgroupPath.LONGSHORE, spec, WORK.toString()))
                .toString();
    }

    private static ContainerSpec spec(CreateRequest complete, ClaimedImage image) {
        List<ClaimedEndpoint> endpoints = EndpointWishes.of(complete).stream()
                .map(wish -> endpoint(wish.network()))
                .toList();
        MountPoints points = MountPoints.of(complete, name -> List.of());
        List<ClaimedVolume> volumes = points.volumes().stream()
                .map(wanted -> new ClaimedVolume(
                        Objects.requireNonNullElse(
                                wanted.name(), "VOLUME" + wanted.destination().replace('/', '-')),
                        wanted.destination(),
                        "local",
                        wanted.name() == null))
                .toList();
        var claims = new SpecBuilder.Claims(image, endpoints, points.resolved(volumes));
        return SpecBuilder.build(
                new SpecBuilder.Identity(new Owner(PLACEHOLDER_ID, 1), "planned", "default"), complete, claims);
    }

    private static ClaimedEndpoint endpoint(String network) {
        String id = "0".repeat(64);
        return new ClaimedEndpoint(
                id, NetworkSpec.plain(id, network, network.equals("none") ? "null" : network), "", List.of(), "");
    }

    private static Node node() {
        NodeFacts facts = new NodeFacts(
                WORK,
                new NodeFacts.Fittings(
                        "overlay2",
                        List.of("host", "null"),
                        () -> List.of("local"),
                        List.of("longshore"),
                        AppArmor.look(),
                        WORK.resolve("longshore.sock")),
                List::of);
        return new Node(
                NodeId.parse("this"), facts.hostname(), "unix:/nowhere", Map.of(), facts.info(), Instant.EPOCH, true);
    }

    /** An image configuration as OCI has it, or only its member {@code config}. */
    private static ClaimedImage image(@Nullable Path file, boolean hasCommand) {
        String own = hasCommand ? "{}" : "{\"Cmd\": [\"COMMAND-OF-THE-IMAGE\"]}";
        ImageConfig config = file == null ? Json.mapper().readValue(own, ImageConfig.class) : configuration(file);
        return new ClaimedImage(Digest.ofHex("0".repeat(64)), config, List.of(), "linux", "amd64", List.of(), true);
    }

    private static ImageConfig configuration(Path file) {
        try {
            JsonNode read = Json.mapper().readTree(Files.readAllBytes(file));
            if (!read.isObject()) {
                throw new PlanRefused("the image configuration " + file + " is no JSON object");
            }
            return Json.mapper().treeToValue(read.has("config") ? read.get("config") : read, ImageConfig.class);
        } catch (JacksonException e) {
            throw new PlanRefused("cannot read the image configuration " + file + ": " + Json.problem(e));
        } catch (IOException e) {
            throw new PlanRefused("cannot read the image configuration " + file + ": " + e.getMessage());
        }
    }
}
