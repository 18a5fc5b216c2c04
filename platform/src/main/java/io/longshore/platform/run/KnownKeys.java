package io.longshore.platform.run;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The keys of configuration records as environment variables name them. Spring's binding refuses keys of a file that no record has, but
 * not variables, since an environment usually belongs to others too; those that begin with our prefix do not.
 */
final class KnownKeys {
    private final Set<String> variables = new TreeSet<>();
    /** Maps: any name may follow. */
    private final Set<String> maps = new TreeSet<>();

    /** {@code run.stop-within} is {@code RUN_STOPWITHIN}. */
    static String variable(String key) {
        return key.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** Adds what a record knows below its prefix. */
    void add(String prefix, Class<?> record) {
        for (RecordComponent component : record.getRecordComponents()) {
            String name = prefix + "." + component.getName();
            if (component.getType().isRecord()) {
                add(name, component.getType());
            } else if (Map.class.isAssignableFrom(component.getType())) {
                maps.add(variable(name) + "_");
            } else {
                variables.add(variable(name));
            }
        }
    }

    /** A {@link StartFailure} names the first of these variables, without their common prefix, that no record knows. */
    void refuseUnknown(List<String> names) {
        for (String name : names) {
            if (!variables.contains(name) && maps.stream().noneMatch(name::startsWith)) {
                Set<String> all = new TreeSet<>();
                variables.forEach(known -> all.add(Settings.PREFIX + known));
                maps.forEach(known -> all.add(Settings.PREFIX + known + "..."));
                throw new StartFailure(
                        "configuration: unknown variable \"" + Settings.PREFIX + name + "\"; there are " + all);
            }
        }
    }
}
