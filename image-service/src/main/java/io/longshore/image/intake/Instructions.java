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
 * STOPSIGNAL, USER, VOLUME, WORKDIR, and HEALTHCHECK NONE (Engine API, ImageCreate, {@code changes}). Not thread-safe; for one image.
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
                command = command(argument);
                commandSet = true;
            }
            case "ENTRYPOINT" -> {
                entrypoint = command(argument);
                command = commandSet ? command : null;
            }
            case "ENV" -> environment.putAll(pairs(name, argument));
            case "LABEL" -> labels.putAll(pairs(name, argument));
            case "EXPOSE" -> words(name, argument).forEach(this::expose);
            case "VOLUME" -> list(name, argument).forEach(path -> volumes.put(path, Map.of()));
            case "USER" -> user = argument;
            case "WORKDIR" -> directory = argument.startsWith("/") ? argument : below(argument);
            case "STOPSIGNAL" -> stopSignal = signal(argument);
            case "ONBUILD" -> onBuild.add(argument);
            case "HEALTHCHECK" -> healthcheck = noHealthcheck(argument);
            default -> throw new Failure.Invalid(name + " is not a valid change command");
        }
    }

    private String below(String relative) {
        String base = directory == null || directory.isEmpty() ? "/" : directory;
        return base.endsWith("/") ? base + relative : base + "/" + relative;
    }

    private static Healthcheck noHealthcheck(String argument) {
        if (!argument.equalsIgnoreCase("NONE")) {
            throw new Failure.Invalid("HEALTHCHECK can only be changed to NONE here");
        }
        return new Healthcheck(List.of("NONE"), null, null, null, null, null);
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

    /** A JSON array as it is, anything else for a shell. */
    private static List<String> command(String argument) {
        List<String> array = array(argument);
        return array == null ? List.of("/bin/sh", "-c", argument) : array;
    }

    private static List<String> list(String name, String argument) {
        List<String> array = array(argument);
        return array == null ? words(name, argument) : array;
    }

    private static @Nullable List<String> array(String argument) {
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
            return null; // As in a Dockerfile: what is no JSON is a shell's.
        }
    }

    private static Map<String, String> pairs(String name, String argument) {
        List<String> words = words(name, argument);
        Map<String, String> pairs = new LinkedHashMap<>();
        if (words.getFirst().indexOf('=') < 0) {
            String[] old = argument.split("\\s+", 2);
            if (old.length < 2) {
                throw new Failure.Invalid(name + " must have two arguments");
            }
            pairs.put(old[0], old[1]);
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

    /** Splits at blanks outside quotes; quotes are taken off, a backslash keeps the next character. */
    private static List<String> words(String name, String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean begun = false;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0 && c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                begun = true;
            } else if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
                begun = true;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (begun) {
                    words.add(word.toString());
                    word.setLength(0);
                    begun = false;
                }
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (quote != 0) {
            throw new Failure.Invalid(
                    name + ": unexpected end of statement while looking for matching quote in: " + text);
        }
        if (begun) {
            words.add(word.toString());
        }
        return words;
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
