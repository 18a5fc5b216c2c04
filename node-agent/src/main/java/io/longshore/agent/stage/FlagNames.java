package io.longshore.agent.stage;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Turns a number into the names of a class's constants: {@code 6} into {@code MS_NOSUID|MS_NODEV}. */
final class FlagNames {
    private final Map<String, Long> names;
    private final boolean bits;

    private FlagNames(Map<String, Long> names, boolean bits) {
        this.names = names;
        this.bits = bits;
    }

    /** Bits that are or-ed together. */
    static FlagNames flags(Class<?> constants, String... prefixes) {
        return new FlagNames(read(constants, prefixes), true);
    }

    /** Numbers of which exactly one applies. */
    static FlagNames values(Class<?> constants, String... prefixes) {
        return new FlagNames(read(constants, prefixes), false);
    }

    FlagNames and(FlagNames more) {
        var all = new LinkedHashMap<>(names);
        all.putAll(more.names);
        return new FlagNames(all, bits);
    }

    private static Map<String, Long> read(Class<?> constants, String... prefixes) {
        var names = new LinkedHashMap<String, Long>();
        for (Field field : constants.getFields()) {
            if (Arrays.stream(prefixes).anyMatch(field.getName()::startsWith)) {
                try {
                    names.put(field.getName(), ((Number) field.get(null)).longValue());
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException(field + " is not public", e);
                }
            }
        }
        return names;
    }

    String text(long value) {
        var found = new ArrayList<String>();
        long rest = value;
        for (Map.Entry<String, Long> name : names.entrySet()) {
            long constant = name.getValue();
            if (constant == value) {
                return name.getKey();
            }
            if (bits && constant > 0 && (rest & constant) == constant) {
                found.add(name.getKey());
                rest &= ~constant;
            }
        }
        if (found.isEmpty() || rest != 0) {
            found.add(value == 0 ? "0" : "0x" + Long.toHexString(rest));
        }
        return String.join("|", found);
    }
}
