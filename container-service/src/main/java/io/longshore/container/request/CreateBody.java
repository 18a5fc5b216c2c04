package io.longshore.container.request;

import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.container.NetworkingConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.ClientJson;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the body of {@code POST /containers/create}, where the fields of the configuration stand beside HostConfig and
 * NetworkingConfig. As in the Engine, names match whatever their case, unknown fields are ignored and a value of the wrong type is refused.
 */
public final class CreateBody {
    private CreateBody() {}

    /** Reads a body; {@link Failure.Invalid} says what is wrong with it and where. */
    public static CreateRequest parse(byte[] body) {
        return ClientJson.object(body, CreateBody::split);
    }

    /** The configuration alone, as the body of a commit has it; null when there is none. */
    public static @Nullable ContainerConfig config(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8).strip();
        return text.isEmpty() || text.equals("null")
                ? null
                : ClientJson.<@Nullable ContainerConfig>object(
                        body, fields -> fields.isEmpty() ? null : ClientJson.value(fields, ContainerConfig.class));
    }

    private static CreateRequest split(ObjectNode fields) {
        if (fields.isEmpty()) {
            throw new Failure.Invalid("config cannot be empty in order to create a container");
        }
        Map<String, JsonNode> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        byName.putAll(fields.properties().stream()
                .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
        HostConfig host = section(byName.get("HostConfig"), "HostConfig", HostConfig.class);
        NetworkingConfig networking =
                section(byName.get("NetworkingConfig"), "NetworkingConfig", NetworkingConfig.class);
        return new CreateRequest(ClientJson.value(fields, ContainerConfig.class), host, networking);
    }

    private static <T> @Nullable T section(@Nullable JsonNode node, String name, Class<T> type) {
        if (node == null || node.isNull()) {
            return null;
        }
        try {
            return ClientJson.value(node, type);
        } catch (DatabindException e) {
            e.prependPath(node, name);
            throw e;
        }
    }
}
