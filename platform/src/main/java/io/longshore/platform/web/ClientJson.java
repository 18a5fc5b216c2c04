package io.longshore.platform.web;

import com.fasterxml.jackson.annotation.Nulls;
import io.longshore.contracts.error.Failure;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON from clients and images, as Go reads it: null in a list or map is its type's zero value. A NUL character is refused, since neither
 * the kernel nor the database takes one.
 */
public final class ClientJson {
    private static final JsonMapper LENIENT = Json.mapper()
            .rebuild()
            .changeDefaultNullHandling(nulls -> nulls.withContentNulls(Nulls.AS_EMPTY))
            .build();

    private ClientJson() {}

    /** What is read from a body that must be an object; {@link Failure.Invalid} says what is wrong with it and where. */
    public static <T extends @Nullable Object> T object(byte[] body, Function<ObjectNode, T> reading) {
        if (body.length == 0) {
            throw new Failure.Invalid("invalid JSON: got EOF while reading request body");
        }
        try {
            JsonNode tree = Json.mapper().readTree(body);
            if (!(tree instanceof ObjectNode fields)) {
                throw new Failure.Invalid("invalid JSON: the body must be an object, got " + tree.getNodeType());
            }
            checkText("", fields);
            return reading.apply(fields);
        } catch (JacksonException e) {
            throw new Failure.Invalid("invalid JSON: " + Json.problem(e), e);
        }
    }

    /** The value that a body, an object, has. */
    public static <T> T object(byte[] body, Class<T> type) {
        return object(body, fields -> value(fields, type));
    }

    /** The value; a {@code JacksonException} says where it is of the wrong type. */
    public static <T> T value(JsonNode node, Class<T> type) {
        return LENIENT.treeToValue(node, type);
    }

    /** {@link Failure.Invalid} names the field that has a NUL character in it. */
    public static void checkText(String field, JsonNode node) {
        if (node.isString()) {
            check(field, node.asString());
        }
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            check("a name in " + field, member.getKey());
            checkText(field.isEmpty() ? member.getKey() : field + "." + member.getKey(), member.getValue());
        }
        if (node.isArray()) {
            for (JsonNode element : node) {
                checkText(field, element);
            }
        }
    }

    private static void check(String field, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new Failure.Invalid(
                    "invalid " + field + ": \"" + text.replace("\0", "\\0") + "\" contains a NUL character");
        }
    }
}
