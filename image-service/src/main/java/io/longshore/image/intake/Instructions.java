package io.longshore.image.intake;

import io.longshore.contracts.container.Healthcheck;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.platform.web.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The Dockerfile instructions that an import (and a commit) may apply to a configuration: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD,
 * STOPSIGNAL, USER, VOLUME, WORKDIR and HEALTHCHECK (Engine API, ImageCreate, {@code changes}). Not thread-safe; for one image.
 */
final class Instructions {
    private static final Pattern PORT = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp|sctp))?");
    private static final int LAST_PORT = 65_535;
    /** Names and numbers of signal(7). */
    private static final Pattern SIGNAL =
            Pattern.compile("(?:SIG)?(?:ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE"
                    + "|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ"
                    + "|RTMIN(?:\\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?)|[1-9]|[1-5][0-9]|6[0-4]");

    private static final ImageConfig EMPTY =
            new ImageConfig(null, null, null, null, null, null, null, null, null, null, null, null, null);

    private @Nullable String user;
    private final Map<String, Map<String, Object>> ports = new LinkedHashMap<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private @Nullable List<String> entrypoint;
    private @Nullable List<String> command;
    private final Map<String, Map<String, Object>> volumes = new LinkedHashMap<>();
    private @Nullable String directory;
    private final Map<String, String> labels = new LinkedHashMap<>();
    private @Nullable String stopSignal;
    private @Nullable Healthcheck healthcheck;
    private final List<String> onBuild = new ArrayList<>();
    private @Nullable List<String> shell;
    private boolean commandSet;

    /** The configuration that these instructions make; {@link Failure.Invalid} names one that is malformed or not allowed. */
    static ImageConfig apply(List<String> changes) {
        return apply(EMPTY, changes);
    }

    /** What these instructions make of a configuration. As in a build, an ENTRYPOINT without a CMD before it takes the command away. */
    static ImageConfig apply(ImageConfig base, List<String> changes) {
        Instructions instructions = new Instructions();
        instructions.begin(base);
        changes.stream()
                .flatMap(String::lines)
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .forEach(instructions::one);
        return instructions.config();
    }

    private void begin(ImageConfig base) {
        user = base.user();
        putAll(ports, base.exposedPorts());
        for (String variable : base.env() == null ? List.<String>of() : base.env()) {
            int equals = variable.indexOf('=');
            environment.put(
                    equals < 0 ? variable : variable.substring(0, equals),
                    equals < 0 ? "" : variable.substring(equals + 1));
        }
        entrypoint = base.entrypoint();
        command = base.command();
        putAll(volumes, base.volumes());
        directory = base.workingDir();
        putAll(labels, base.labels());
        stopSignal = base.stopSignal();
        healthcheck = base.healthcheck();
        onBuild.addAll(base.onBuild() == null ? List.of() : base.onBuild());
        shell = base.shell();
    }

    private static <V> void putAll(Map<String, V> into, @Nullable Map<String, V> values) {
        if (values != null) {
            into.putAll(values);
        }
    }

    private void one(String line) {
        String[] parts = line.split("\\s+", 2);
        String argument = parts.length > 1 ? parts[1].strip() : "";
        String name = parts[0].toUpperCase(Locale.ROOT);
        if (argument.isEmpty()) {
            throw new Failure.Invalid(name + " requires at least one argument");
        }
        switch (name) {
            case "CMD" -> {
                command = shell(argument);
                commandSet = true;
            }
            case "ENTRYPOINT" -> {
                entrypoint = shell(argument);
                command = commandSet ? command : null;
            }
            case "ENV" -> environment.putAll(pairs(name, argument));
            case "LABEL" -> labels.putAll(pairs(name, argument));
            case "EXPOSE" -> Words.split(name, argument, environment).forEach(this::expose);
            case "VOLUME" -> list(name, argument).forEach(path -> volumes.put(path, Map.of()));
            case "USER" -> user = whole(name, argument);
            case "WORKDIR" -> {
                String path = whole(name, argument);
                directory = path.startsWith("/") ? path : below(path);
            }
            case "STOPSIGNAL" -> stopSignal = signal(whole(name, argument));
            case "ONBUILD" -> onBuild.add(argument);
            case "HEALTHCHECK" -> healthcheck = HealthInstruction.parse(argument);
            default -> throw new Failure.Invalid(name + " is not a valid change command");
        }
    }

    private String below(String relative) {
        String base = directory == null || directory.isEmpty() ? "/" : directory;
        return base.endsWith("/") ? base + relative : base + "/" + relative;
    }

    private String whole(String name, String argument) {
        String word = Words.whole(name, argument, environment);
        if (word.isEmpty()) {
            throw new Failure.Invalid(name + " is empty: " + argument.substring(0, Math.min(200, argument.length())));
        }
        return word;
    }

    private void expose(String port) {
        Matcher matcher = PORT.matcher(port);
        if (!matcher.matches()) {
            throw new Failure.Invalid("invalid containerPort: " + port);
        }
        int first = Integer.parseInt(matcher.group(1));
        int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
        if (first < 1 || last < first || last > LAST_PORT) {
            throw new Failure.Invalid(
                    "invalid containerPort: " + port + ": ports are 1 to " + LAST_PORT + ", a range goes upwards");
        }
        String protocol = matcher.group(3) == null ? "tcp" : matcher.group(3);
        for (int number = first; number <= last; number++) {
            ports.put(number + "/" + protocol, Map.of());
        }
    }

    private static String signal(String text) {
        if (!SIGNAL.matcher(text.toUpperCase(Locale.ROOT)).matches()) {
            throw new Failure.Invalid("invalid signal: " + text);
        }
        return text;
    }

    private static List<String> shell(String argument) {
        List<String> array = array(argument);
        return array == null ? List.of("/bin/sh", "-c", argument) : array;
    }

    private List<String> list(String name, String argument) {
        List<String> array = array(argument);
        return array == null
                ? Words.split(name, argument, environment)
                : array.stream().map(word -> whole(name, word)).toList();
    }

    /** What a JSON array has, as in a Dockerfile; null for anything else, which is a shell's. */
    static @Nullable List<String> array(String argument) {
        if (!argument.startsWith("[")) {
            return null;
        }
        try {
            JsonNode tree = Json.mapper().readTree(argument);
            List<String> values = new ArrayList<>();
            for (JsonNode value : tree) {
                if (!value.isString()) {
                    return null;
                }
                values.add(value.asString());
            }
            return tree.isArray() ? values : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    private Map<String, String> pairs(String name, String argument) {
        Map<String, String> pairs = new LinkedHashMap<>();
        String[] old = argument.split("\\s+", 2);
        List<String> words = Words.split(name, argument, environment);
        if (words.isEmpty() || words.getFirst().indexOf('=') < 0) {
            if (old.length < 2) {
                throw new Failure.Invalid(name + " must have two arguments");
            }
            pairs.put(Words.whole(name, old[0], environment), Words.whole(name, old[1], environment));
            return pairs;
        }
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new Failure.Invalid(
                        "Syntax error - can't find = in \"" + word + "\". Must be of the form: name=value");
            }
            pairs.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return pairs;
    }

    private ImageConfig config() {
        return new ImageConfig(
                user,
                orNull(ports),
                environment.isEmpty()
                        ? null
                        : environment.entrySet().stream()
                                .map(e -> e.getKey() + "=" + e.getValue())
                                .toList(),
                entrypoint,
                command,
                orNull(volumes),
                directory,
                orNull(labels),
                stopSignal,
                healthcheck,
                null,
                onBuild.isEmpty() ? null : List.copyOf(onBuild),
                shell);
    }

    private static <V> @Nullable Map<String, V> orNull(Map<String, V> map) {
        return map.isEmpty() ? null : map;
    }
}
