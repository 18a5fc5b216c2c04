package io.longshore.container.request;

import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.container.NetworkingConfig;
import io.longshore.contracts.error.Failure;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;

/**
 * Reads the body of {@code POST /containers/create}, where the fields of the configuration stand beside HostConfig and
 * NetworkingConfig. As in the Engine, names match whatever their case, unknown fields are ignored and a value of the wrong type is refused.
 */
public final class CreateBody {
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .withCoercionConfig(
                    LogicalType.Textual,
                    text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();

    private CreateBody() {}

    /** Reads a body; {@link Failure.Invalid} says what is wrong with it and where. */
    public static CreateRequest parse(byte[] body) {
        if (body.length == 0) {
            throw new Failure.Invalid("invalid JSON: got EOF while reading request body");
        }
        try {
            JsonNode tree = STRICT.readTree(body);
            if (!(tree instanceof ObjectNode fields)) {
                throw new Failure.Invalid("invalid JSON: the body must be an object, got " + tree.getNodeType());
            }
            if (fields.isEmpty()) {
                throw new Failure.Invalid("config cannot be empty in order to create a container");
            }
            return split(fields);
        } catch (DatabindException e) {
            throw new Failure.Invalid("invalid JSON: field " + path(e) + ": " + e.getOriginalMessage(), e);
        } catch (JacksonException e) {
            throw new Failure.Invalid(
                    "invalid JSON: line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ": " + e.getOriginalMessage(),
                    e);
        }
    }

    private static CreateRequest split(ObjectNode fields) {
        Map<String, JsonNode> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        byName.putAll(fields.properties().stream()
                .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
        HostConfig host = section(byName.get("HostConfig"), "HostConfig", HostConfig.class);
        NetworkingConfig networking =
                section(byName.get("NetworkingConfig"), "NetworkingConfig", NetworkingConfig.class);
        return new CreateRequest(STRICT.treeToValue(fields, ContainerConfig.class), host, networking);
    }

    private static <T> @Nullable T section(@Nullable JsonNode node, String name, Class<T> type) {
        if (node == null || node.isNull()) {
            return null;
        }
        try {
            return STRICT.treeToValue(node, type);
        } catch (DatabindException e) {
            e.prependPath(node, name);
            throw e;
        }
    }

    private static String path(DatabindException e) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference step : e.getPath()) {
            String name = step.getPropertyName();
            if (name == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(name);
            }
        }
        return path.isEmpty() ? "(body)" : path.toString();
    }
}
