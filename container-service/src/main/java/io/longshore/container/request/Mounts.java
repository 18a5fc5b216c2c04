package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.TmpfsOptionNames;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Places of mounts, and file systems in memory. */
final class Mounts {
    private Mounts() {}

    /** A path without repeated, closing or single-dot parts, so that one place has one name. */
    static String clean(String path) {
        return Path.of(path).normalize().toString();
    }

    /** The same for the keys of a map. */
    static <V> Map<String, V> clean(Map<String, V> byPath) {
        Map<String, V> result = new LinkedHashMap<>();
        byPath.forEach((path, value) -> result.put(clean(path), value));
        return result;
    }

    /** Cleans the targets in a HostConfig, and refuses two mounts on one. */
    static void cleanTargets(ObjectNode host) {
        Set<String> taken = new HashSet<>();
        ObjectNode tmpfs = JsonNodeFactory.instance.objectNode();
        host.path("Tmpfs").properties().forEach(mount -> {
            String target = clean(mount.getKey());
            take(taken, target);
            tmpfs.set(target, mount.getValue());
        });
        if (!tmpfs.isEmpty()) {
            host.set("Tmpfs", tmpfs);
        }
        for (JsonNode mount : host.path("Mounts")) {
            String target = clean(mount.path("Target").asString(""));
            take(taken, target);
            ((ObjectNode) mount).put("Target", target);
        }
    }

    private static void take(Set<String> taken, String target) {
        if (!taken.add(target)) {
            throw new Failure.Invalid("Duplicate mount point: " + target);
        }
    }

    static void checkTmpfs(@Nullable Map<String, String> tmpfs) {
        if (tmpfs != null) {
            tmpfs.forEach((path, options) -> {
                ConfigCheck.destination("HostConfig.Tmpfs", path);
                flags(path, options);
            });
        }
    }

    /** The options of a mount of type tmpfs: SizeBytes, Mode (an octal number as JSON's decimal), Options ({@code [["exec"], ["uid", "5"]]}). */
    static List<String> tmpfsOptions(HostConfig.Mount mount) {
        Map<String, Object> options = mount.tmpfsOptions();
        List<String> result = new ArrayList<>();
        for (Map.Entry<String, Object> option :
                options == null ? Set.<Map.Entry<String, Object>>of() : options.entrySet()) {
            switch (option.getKey()) {
                case "SizeBytes" -> {
                    if (number(option) > 0) {
                        result.add("size=" + number(option));
                    }
                }
                case "Mode" -> {
                    if (number(option) > 0) {
                        result.add("mode=" + Long.toOctalString(number(option)));
                    }
                }
                case "Options" -> result.addAll(pairs(option.getValue()));
                default -> Refusals.unlessUnset("HostConfig.Mounts.TmpfsOptions." + option.getKey(), option.getValue());
            }
        }
        return result;
    }

    /** Since API 1.46: flags and settings, as lists of one or two words. */
    private static List<String> pairs(@Nullable Object options) {
        List<String> result = new ArrayList<>();
        if (options == null) {
            return result;
        }
        for (Object option : options instanceof List<?> list ? list : List.of(options)) {
            if (!(option instanceof List<?> words)
                    || words.isEmpty()
                    || words.size() > 2
                    || !words.stream().allMatch(String.class::isInstance)) {
                throw new Failure.Invalid("invalid option array length or type in TmpfsOptions.Options: " + option);
            }
            String text = words.stream().map(String::valueOf).collect(Collectors.joining("="));
            result.addAll(flags("TmpfsOptions.Options", text));
        }
        return result;
    }

    static ContainerSpec.Mount tmpfs(String path, boolean readOnly, List<String> options) {
        List<String> all = Stream.concat(Stream.of("noexec", "nosuid", "nodev"), options.stream())
                .toList();
        return new ContainerSpec.Mount(
                ContainerSpec.Mount.Kind.TMPFS, "", path, readOnly || options.contains("ro"), all, false);
    }

    static List<String> flags(String path, String options) {
        List<String> result = new ArrayList<>();
        for (String option : options == null || options.isEmpty() ? new String[0] : options.split(",")) {
            int equals = option.indexOf('=');
            boolean known = equals < 0
                    ? TmpfsOptionNames.FLAGS.contains(option)
                    : TmpfsOptionNames.SETTINGS.contains(option.substring(0, equals));
            if (!known) {
                throw new Failure.Invalid("invalid tmpfs option \"" + option + "\" of " + path);
            }
            result.add(option);
        }
        return result;
    }

    private static long number(Map.Entry<String, Object> option) {
        if (option.getValue() instanceof Number number && number.longValue() >= 0) {
            return number.longValue();
        }
        throw new Failure.Invalid(
                "invalid HostConfig.Mounts.TmpfsOptions." + option.getKey() + ": " + option.getValue());
    }
}
