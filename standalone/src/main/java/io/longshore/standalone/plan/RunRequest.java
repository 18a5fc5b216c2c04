package io.longshore.standalone.plan;

import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToLongFunction;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The body of {@code POST /containers/create} in the making, as the docker command makes it of its options. */
final class RunRequest {
    private final ObjectNode config = JsonNodeFactory.instance.objectNode();
    private final ObjectNode host = JsonNodeFactory.instance.objectNode();

    /** The command line of {@code docker run} behind {@code run}; {@link PlanRefused} names what it does not know. */
    static RunRequest parse(List<String> words) {
        RunRequest request = new RunRequest();
        int at = 0;
        while (at < words.size()
                && words.get(at).startsWith("-")
                && words.get(at).length() > 1) {
            String word = words.get(at++);
            if (word.equals("--")) {
                break;
            }
            at = word.startsWith("--") ? request.named(word, words, at) : request.letters(word, words, at);
        }
        if (at == words.size()) {
            throw new PlanRefused("an image is missing: ./longshore plan [OPTIONS] IMAGE [COMMAND] [ARG...]");
        }
        request.config.put("Image", words.get(at));
        List<String> command = words.subList(at + 1, words.size());
        if (!command.isEmpty()) {
            command.forEach(word -> request.configItem("Cmd", word));
        }
        return request;
    }

    private int named(String word, List<String> words, int next) {
        int equals = word.indexOf('=');
        var option = RunOptions.named(word.substring(2, equals < 0 ? word.length() : equals));
        if (equals >= 0) {
            option.effect().accept(this, word.substring(equals + 1));
            return next;
        }
        return apply(option, words, next);
    }

    private int apply(RunOptions.Option option, List<String> words, int next) {
        if (!option.takesValue()) {
            option.effect().accept(this, "true");
            return next;
        }
        if (next == words.size()) {
            throw new PlanRefused("--" + option.name() + " needs a value");
        }
        option.effect().accept(this, words.get(next));
        return next + 1;
    }

    /** {@code -it}, {@code -m 64m}, {@code -m64m}. */
    private int letters(String word, List<String> words, int next) {
        for (int i = 1; i < word.length(); i++) {
            var option = RunOptions.named(word.charAt(i));
            if (option.takesValue() && i + 1 < word.length()) {
                option.effect().accept(this, word.substring(i + 1).replaceFirst("^=", ""));
                return next;
            }
            int after = apply(option, words, next);
            if (option.takesValue()) {
                return after;
            }
        }
        return next;
    }

    /** The body; without a network of the client's choice there is none, since bridges come later. */
    byte[] body() {
        if (!host.has("NetworkMode")) {
            host.put("NetworkMode", "none");
        }
        ObjectNode all = config.deepCopy();
        all.set("HostConfig", host);
        return Json.bytes(all);
    }

    boolean hasCommand() {
        return config.has("Cmd") || config.has("Entrypoint");
    }

    RunRequest config(String field, String value) {
        config.put(field, value);
        return this;
    }

    RunRequest config(String field, boolean value) {
        config.put(field, value);
        return this;
    }

    void host(String field, String value) {
        host.put(field, value);
    }

    void host(String field, long value) {
        host.put(field, value);
    }

    void host(String field, boolean value) {
        host.put(field, value);
    }

    void configItem(String field, String value) {
        list(config, field).add(value);
    }

    void hostItem(String field, String value) {
        list(host, field).add(value);
    }

    private static ArrayNode list(ObjectNode node, String field) {
        return node.get(field) instanceof ArrayNode known ? known : node.putArray(field);
    }

    /** {@code KEY SEPARATOR VALUE}; the value may be missing. */
    void hostMember(String field, String text, String separator) {
        ObjectNode members = host.get(field) instanceof ObjectNode known ? known : host.putObject(field);
        int at = text.indexOf(separator);
        members.put(at < 0 ? text : text.substring(0, at), at < 0 ? "" : text.substring(at + 1));
    }

    /** A name without a value takes that of the environment, and nothing if it has none. */
    void environment(String text) {
        String own = text.contains("=") ? null : System.getenv(text);
        if (text.contains("=")) {
            configItem("Env", text);
        } else if (own != null) {
            configItem("Env", text + "=" + own);
        }
    }

    /** A line each, as {@link #environment} has it; empty ones and comments aside. */
    void environmentFile(String file) {
        try {
            Files.readAllLines(Path.of(file)).stream()
                    .map(String::stripLeading)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .forEach(this::environment);
        } catch (IOException e) {
            throw new PlanRefused("cannot read the environment file " + file + ": " + e.getMessage());
        }
    }

    void mount(ObjectNode mount) {
        list(host, "Mounts").add(mount);
    }

    /** {@code PATH} is an anonymous volume, {@code SOURCE:PATH[:OPTIONS]} is not. */
    void volume(String text) {
        if (text.contains(":")) {
            hostItem("Binds", text);
        } else {
            ObjectNode volumes =
                    config.get("Volumes") instanceof ObjectNode known ? known : config.putObject("Volumes");
            volumes.putObject(text);
        }
    }

    /** {@code NAME=SOFT[:HARD]}. */
    void ulimit(String text) {
        String[] parts = text.split("=", 2);
        if (parts.length != 2) {
            throw new PlanRefused("--ulimit " + text + " is no limit: want NAME=SOFT[:HARD]");
        }
        String[] values = parts[1].split(":", 2);
        ObjectNode limit = list(host, "Ulimits").addObject().put("Name", parts[0]);
        limit.put("Soft", Sizes.number("ulimit", values[0]));
        limit.put("Hard", Sizes.number("ulimit", values[values.length - 1]));
    }

    /** {@code ON-HOST[:IN-CONTAINER][:PERMISSIONS]}. */
    void device(String text) {
        String[] parts = text.split(":");
        boolean permissionsSecond = parts.length == 2 && parts[1].matches("[rwm]{1,3}");
        String inside = parts.length > 1 && !permissionsSecond ? parts[1] : parts[0];
        String access = parts.length > 1 && (permissionsSecond || parts.length > 2) ? parts[parts.length - 1] : "rwm";
        list(host, "Devices")
                .addObject()
                .put("PathOnHost", parts[0])
                .put("PathInContainer", inside)
                .put("CgroupPermissions", access);
    }

    /** {@code PATH:VALUE}. */
    void deviceValue(String field, String name, String text, ToLongFunction<String> value) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new PlanRefused(text + " is no device with a value: want PATH:VALUE");
        }
        list(host, field)
                .addObject()
                .put("Path", text.substring(0, colon))
                .put(name, value.applyAsLong(text.substring(colon + 1)));
    }

    /** As the docker command: a seccomp profile goes inline, and systempaths is nothing but two empty lists. */
    void securityOption(String text) {
        if (text.equals("systempaths=unconfined")) {
            host.putArray("MaskedPaths");
            host.putArray("ReadonlyPaths");
        } else if (text.startsWith("seccomp=") && !text.equals("seccomp=unconfined")) {
            hostItem("SecurityOpt", "seccomp=" + compact(text.substring("seccomp=".length())));
        } else {
            hostItem("SecurityOpt", text);
        }
    }

    private static String compact(String file) {
        try {
            JsonNode profile = Json.mapper().readTree(Files.readAllBytes(Path.of(file)));
            return profile.toString();
        } catch (JacksonException e) {
            throw new PlanRefused("seccomp profile (" + file + ") is no JSON: " + Json.problem(e));
        } catch (IOException e) {
            throw new PlanRefused("opening seccomp profile (" + file + ") failed: " + e.getMessage());
        }
    }
}
