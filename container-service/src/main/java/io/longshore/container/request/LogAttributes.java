package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/** What goes with every line of a log: the tag, and the labels and variables that the options labels, labels-regex, env, env-regex choose. */
final class LogAttributes {
    /** For the quotes and what stands between them. */
    private static final int PAIR = 6;

    private LogAttributes() {}

    /** What can be said of the options before the container is known. */
    static void check(Map<String, String> options) {
        LogTag.check(options.getOrDefault("tag", ""));
        expression(options, "labels-regex");
        expression(options, "env-regex");
    }

    /** The log with its attributes. The request is complete and its options have been checked. */
    static ContainerSpec.Log with(ContainerSpec.Log log, CreateRequest complete, LogTag.Subject subject) {
        HostConfig host = complete.hostConfig();
        Map<String, String> options = LogOptions.options(host == null ? null : host.logConfig());
        if (log.driver().equals("none") || options.isEmpty()) {
            return log;
        }
        ContainerConfig config = complete.config();
        Map<String, String> attributes = new HashMap<>();
        choose(attributes, options, "labels", config.labels() == null ? Map.of() : config.labels());
        choose(attributes, options, "env", variables(config.env() == null ? List.of() : config.env()));
        String tag = LogTag.expand(options.getOrDefault("tag", ""), subject);
        if (!tag.isEmpty()) {
            attributes.put("tag", tag);
        }
        int size = attributes.entrySet().stream()
                .mapToInt(pair -> bytes(pair.getKey()) + bytes(pair.getValue()) + PAIR)
                .sum();
        if (size > ContainerSpec.Log.MAX_ATTRIBUTES) {
            throw LogOptions.wrong("labels, variables and tag that go with every line have " + size + " bytes, at most "
                    + ContainerSpec.Log.MAX_ATTRIBUTES + " can be");
        }
        return new ContainerSpec.Log(log.driver(), log.maxBytes(), log.maxFiles(), log.compress(), attributes);
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static void choose(
            Map<String, String> chosen, Map<String, String> options, String option, Map<String, String> from) {
        for (String name : options.getOrDefault(option, "").split(",", -1)) {
            if (from.containsKey(name)) {
                chosen.put(name, Objects.requireNonNullElse(from.get(name), ""));
            }
        }
        Predicate<String> matches = expression(options, option + "-regex");
        from.forEach((name, value) -> {
            if (matches.test(name)) {
                chosen.put(name, Objects.requireNonNullElse(value, ""));
            }
        });
    }

    private static Predicate<String> expression(Map<String, String> options, String option) {
        String text = options.getOrDefault(option, "");
        return text.isEmpty() ? name -> false : Expression.parse("log opt " + option, text)::foundIn;
    }

    private static Map<String, String> variables(List<String> environment) {
        Map<String, String> variables = new HashMap<>();
        for (String variable : environment) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return variables;
    }
}
