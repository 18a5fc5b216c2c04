package io.longshore.agent.execdriver.libcontainer.plan;

import io.longshore.contracts.agent.ContainerSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A process's environment as Docker sets it: PATH, HOSTNAME and TERM first, unless the container has its own, HOME last. */
final class Environment {
    static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private Environment() {}

    static List<String> of(ContainerSpec spec, String home) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", DEFAULT_PATH);
        variables.put("HOSTNAME", spec.hostname());
        if (spec.process().tty()) {
            variables.put("TERM", "xterm");
        }
        for (String variable : spec.process().environment()) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        if (variables.getOrDefault("HOME", "").isEmpty()) {
            variables.remove("HOME");
            variables.put("HOME", home);
        }
        List<String> lines = new ArrayList<>();
        variables.forEach((name, value) -> lines.add(name + "=" + value));
        return lines;
    }

    static String path(List<String> environment) {
        return environment.stream()
                .filter(variable -> variable.startsWith("PATH="))
                .map(variable -> variable.substring("PATH=".length()))
                .findFirst()
                .orElse(DEFAULT_PATH);
    }
}
