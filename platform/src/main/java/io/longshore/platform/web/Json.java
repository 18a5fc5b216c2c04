package io.longshore.platform.web;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * JSON as the Engine API has it: names are read whatever their case, unknown ones are ignored and null is the zero value, as Go's
 * decoder does ({@link NullElements} says what it is in a list); a value of the wrong type is refused. Everything is written in the
 * declared order. Thread-safe, one for the JVM.
 */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .annotationIntrospector(new NullElements())
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
            .withCoercionConfig(
                    LogicalType.Textual,
                    config -> config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();

    private Json() {}

    /** The mapper. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    /** The value in UTF-8. */
    public static byte[] bytes(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    /** The message of a JSON failure: what is wrong and where, without Java's class names. */
    public static String problem(JacksonException e) {
        String text = e.getOriginalMessage() == null ? "malformed" : e.getOriginalMessage();
        String path = e.getPath().isEmpty() ? "" : " at " + pathOf(e);
        var location = e.getLocation();
        String where = location == null || location.getLineNr() < 1
                ? ""
                : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
        return withoutClassNames(text) + path + where;
    }

    private static String pathOf(JacksonException e) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference step : e.getPath()) {
            if (step.getPropertyName() != null) {
                path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
            } else {
                path.append('[').append(step.getIndex()).append(']');
            }
        }
        return path.toString();
    }

    /** Jackson names the Java types it wanted; a client knows nothing of them. */
    private static String withoutClassNames(String text) {
        return text.replaceAll("`(?:[a-z]\\w*\\.)*([A-Z][\\w$]*)(?:<[^`]*>)?`", "$1")
                .replaceAll(" \\(for [^)]*\\)$", "")
                .replaceAll("\\s+", " ");
    }
}
