package io.longshore.container.request;

import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.Healthcheck;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.platform.web.ClientJson;
import io.longshore.platform.web.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fills a request with what its sender left to the image and to the Engine. The result is what inspect echoes: every field has the
 * value that is in force.
 */
public final class Completion {
    /** 64 MiB, the size of /dev/shm when none is asked for. */
    private static final long SHM_BYTES = 64L << 20;

    private static final JsonMapper JSON = Json.mapper();

    private Completion() {}

    /** The request, complete for this image on this node. */
    public static CreateRequest complete(CreateRequest request, ContainerId id, ClaimedImage image, Node node) {
        String networkMode = networkMode(request);
        ContainerConfig config = config(request.config(), checked(image), hostname(request, id, networkMode, node));
        return new CreateRequest(
                config, hostConfig(request.hostConfig(), networkMode, node), request.networkingConfig());
    }

    /** The same request with this host name. */
    public static CreateRequest named(CreateRequest request, String hostname) {
        ObjectNode config = JSON.valueToTree(request.config());
        config.put("Hostname", hostname);
        return new CreateRequest(
                JSON.treeToValue(config, ContainerConfig.class), request.hostConfig(), request.networkingConfig());
    }

    /** What an image says is data from outside, as the request is. */
    private static ImageConfig checked(ClaimedImage image) {
        JsonNode tree = JSON.valueToTree(image.config());
        ClientJson.checkText("configuration of image " + image.id(), tree);
        ImageConfig config = ClientJson.value(tree, ImageConfig.class);
        ConfigCheck.volumes(config.volumes());
        return config;
    }

    /** The network mode in force: what the client says, and the bridge when it says nothing. */
    static String networkMode(CreateRequest request) {
        HostConfig host = request.hostConfig();
        String mode = host == null ? null : host.networkMode();
        return mode == null || mode.isEmpty() ? "default" : mode;
    }

    private static String hostname(CreateRequest request, ContainerId id, String networkMode, Node node) {
        String asked = request.config().hostname();
        if (asked != null && !asked.isEmpty()) {
            return asked;
        }
        return networkMode.equals("host") ? node.name() : id.shortForm();
    }

    private static ContainerConfig config(ContainerConfig asked, ImageConfig image, String hostname) {
        ObjectNode config = JSON.valueToTree(asked);
        config.put("Hostname", hostname);
        for (String flag : List.of("AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce")) {
            setIfNull(config, flag, false);
        }
        setIfNull(config, "Domainname", "");
        config.put("User", firstNonEmpty(asked.user(), image.user()));
        config.put("WorkingDir", firstNonEmpty(asked.workingDir(), image.workingDir()));
        String stopSignal = firstNonEmpty(asked.stopSignal(), image.stopSignal());
        config.set("StopSignal", stopSignal.isEmpty() ? null : JSON.valueToTree(stopSignal));
        config.set("Env", JSON.valueToTree(environment(asked.env(), image.env())));
        command(config, asked, image);
        config.set("Labels", JSON.valueToTree(merged(image.labels(), asked.labels())));
        config.set("Volumes", JSON.valueToTree(nullIfEmpty(Mounts.clean(merged(image.volumes(), asked.volumes())))));
        config.set("ExposedPorts", JSON.valueToTree(nullIfEmpty(merged(image.exposedPorts(), asked.exposedPorts()))));
        Healthcheck healthcheck = HealthOptions.merged(asked.healthcheck(), image.healthcheck());
        if (healthcheck != null) {
            HealthOptions.check(healthcheck);
            config.set("Healthcheck", JSON.valueToTree(healthcheck));
        }
        if (asked.shell() == null && image.shell() != null) {
            config.set("Shell", JSON.valueToTree(image.shell()));
        }
        return JSON.treeToValue(config, ContainerConfig.class);
    }

    /** An entrypoint of its own drops the image's command; an entrypoint that is one empty string drops the image's entrypoint. */
    private static void command(ObjectNode config, ContainerConfig asked, ImageConfig image) {
        List<String> entrypoint = asked.entrypoint();
        List<String> command = asked.command();
        if (entrypoint == null || entrypoint.isEmpty()) {
            if (command == null || command.isEmpty()) {
                command = image.command();
            }
            if (entrypoint == null) {
                entrypoint = image.entrypoint();
            }
        }
        if (entrypoint != null && entrypoint.equals(List.of(""))) {
            entrypoint = null;
        }
        config.set("Cmd", JSON.valueToTree(command));
        config.set("Entrypoint", JSON.valueToTree(entrypoint));
    }

    /** The client's variables first, then those of the image that the client does not name. */
    private static @Nullable List<String> environment(@Nullable List<String> asked, @Nullable List<String> image) {
        if (asked == null || asked.isEmpty()) {
            return image == null ? asked : image;
        }
        List<String> result = new ArrayList<>(asked);
        List<String> names = asked.stream().map(Environment::name).toList();
        for (String variable : image == null ? List.<String>of() : image) {
            if (!names.contains(Environment.name(variable))) {
                result.add(variable);
            }
        }
        return result;
    }

    private static HostConfig hostConfig(@Nullable HostConfig asked, String networkMode, Node node) {
        ObjectNode host = asked == null ? JsonNodeFactory.instance.objectNode() : JSON.valueToTree(asked);
        HostDefaults.fill(host);
        host.put("NetworkMode", networkMode);
        Discards.apply(host, node.info().features());
        setIfEmpty(host, "CgroupnsMode", node.info().cgroupVersion() == 2 ? "private" : "host");
        setIfEmpty(host, "IpcMode", "private");
        setIfEmpty(host, "Runtime", node.info().defaultRuntime());
        setIfEmpty(host, "Isolation", "");
        if (host.path("ShmSize").asLong(0) == 0) {
            host.put("ShmSize", SHM_BYTES);
        }
        if (host.path("RestartPolicy").path("Name").asString("").isEmpty()) {
            ((ObjectNode) host.get("RestartPolicy")).put("Name", "no");
        }
        if (host.path("LogConfig").path("Type").asString("").isEmpty()) {
            ((ObjectNode) host.get("LogConfig")).put("Type", "json-file");
        }
        limits(host);
        labels(host);
        Mounts.cleanTargets(host);
        if (!host.path("Privileged").asBoolean(false)) {
            HostDefaults.pathLists().properties().forEach(list -> {
                if (!host.hasNonNull(list.getKey())) {
                    host.set(list.getKey(), list.getValue());
                }
            });
        }
        return JSON.treeToValue(host, HostConfig.class);
    }

    /** As the Engine does: who shares the node's processes or IPC, or may do all, is not confined by labels. */
    private static void labels(ObjectNode host) {
        boolean shares = host.path("Privileged").asBoolean(false)
                || host.path("IpcMode").asString("").equals("host")
                || host.path("PidMode").asString("").equals("host");
        boolean asked = host.path("SecurityOpt")
                .valueStream()
                .anyMatch(option -> option.asString("").startsWith("label="));
        if (shares && !asked) {
            ArrayNode options =
                    host.get("SecurityOpt") instanceof ArrayNode known ? known : host.putArray("SecurityOpt");
            options.add("label=disable");
        }
    }

    /** Values that stand for "no limit" become the absence of one, and memory without swap means as much swap again. */
    private static void limits(ObjectNode host) {
        if (host.path("PidsLimit").asLong(0) <= 0) {
            host.putNull("PidsLimit");
        }
        if (host.path("MemorySwappiness").asLong(-1) == -1) {
            host.putNull("MemorySwappiness");
        }
        long memory = host.path("Memory").asLong(0);
        if (memory > 0 && host.path("MemorySwap").asLong(0) == 0) {
            host.put("MemorySwap", memory * 2);
        }
    }

    private static void setIfNull(ObjectNode node, String name, Object value) {
        if (!node.hasNonNull(name)) {
            node.set(name, JSON.valueToTree(value));
        }
    }

    private static void setIfEmpty(ObjectNode node, String name, String value) {
        if (node.path(name).asString("").isEmpty()) {
            node.put(name, value);
        }
    }

    private static String firstNonEmpty(@Nullable String first, @Nullable String second) {
        if (first != null && !first.isEmpty()) {
            return first;
        }
        return second == null ? "" : second;
    }

    private static <V> Map<String, V> merged(@Nullable Map<String, V> below, @Nullable Map<String, V> above) {
        Map<String, V> result = new LinkedHashMap<>();
        if (below != null) {
            result.putAll(below);
        }
        if (above != null) {
            result.putAll(above);
        }
        return result;
    }

    private static <V> @Nullable Map<String, V> nullIfEmpty(Map<String, V> map) {
        return map.isEmpty() ? null : map;
    }
}
