package io.longshore.container.request;

import io.longshore.contracts.error.Failure;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An object of a mount request, whose members are read by name whatever its case; {@code Invalid} for one of the wrong type. */
final class OptionFields {
    private final String name;
    private final Map<String, @Nullable Object> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    OptionFields(String name, @Nullable Map<String, Object> values) {
        this.name = name;
        if (values != null) {
            this.values.putAll(values);
        }
    }

    boolean flag(String field) {
        return switch (values.get(field)) {
            case null -> false;
            case Boolean flag -> flag;
            case Object other -> throw wrong(field, "true or false", other);
        };
    }

    /** Empty when it is not there. */
    String text(String field) {
        return switch (values.get(field)) {
            case null -> "";
            case String text -> text;
            case Object other -> throw wrong(field, "a string", other);
        };
    }

    /** Pairs of strings; none when they are not there. */
    Map<String, String> texts(String field) {
        Map<String, String> texts = new LinkedHashMap<>();
        var members = fields(field);
        members.values.keySet().forEach(key -> texts.put(key, members.text(key)));
        return texts;
    }

    /** An object; an empty one when it is not there. */
    OptionFields fields(String field) {
        Map<String, Object> members = new LinkedHashMap<>();
        switch (values.get(field)) {
            case null -> {}
            case Map<?, ?> map -> map.forEach((key, value) -> members.put(String.valueOf(key), value));
            case Object other -> throw wrong(field, "an object", other);
        }
        return new OptionFields(name + "." + field, members);
    }

    private Failure.Invalid wrong(String field, String want, Object value) {
        return new Failure.Invalid(
                "invalid HostConfig.Mounts." + name + "." + field + ": want " + want + ", got " + value);
    }
}
