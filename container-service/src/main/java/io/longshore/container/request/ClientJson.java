package io.longshore.container.request;

import com.fasterxml.jackson.annotation.Nulls;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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
