package io.longshore.container.request;

import io.longshore.contracts.error.Failure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables as {@code NAME=value}; a bare NAME takes the variable away. */
final class Environment {
    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private Environment() {}

    static String name(String variable) {
        int equals = variable.indexOf('=');
        return equals < 0 ? variable : variable.substring(0, equals);
    }

    static void check(@Nullable List<String> variables) {
        for (String variable : variables == null ? List.<String>of() : variables) {
            if (variable.isEmpty() || variable.charAt(0) == '=' || variable.indexOf('\0') >= 0) {
                throw new Failure.Invalid("invalid environment variable: " + variable.replace("\0", "\\0"));
            }
        }
    }

    /** What the process gets: the Engine's own variables first, each replaced in place by the configuration's. */
    static List<String> of(@Nullable List<String> configured, String hostname, boolean tty) {
        Map<String, String> result = new LinkedHashMap<>();
        result.put("PATH", PATH);
        result.put("HOSTNAME", "HOSTNAME=" + hostname);
        if (tty) {
            result.put("TERM", "TERM=xterm");
        }
        for (String variable : configured == null ? List.<String>of() : configured) {
            if (variable.indexOf('=') < 0) {
                result.remove(variable);
            } else {
                result.put(name(variable), variable);
            }
        }
        return List.copyOf(result.values());
    }
}
