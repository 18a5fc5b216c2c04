package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.TmpfsOptionNames;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.volume.ClaimedVolume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What is mounted into a container: tmpfs as asked for, and an anonymous volume for every other mount point of request and image. */
final class Mounts {
    private static final int MOST = 500;

    private Mounts() {}

    /** Mount points of the anonymous volumes that a complete request needs, parents first. */
    static List<String> volumeDestinations(CreateRequest complete) {
        ContainerConfig config = complete.config();
        TreeSet<String> result = new TreeSet<>(
                config.volumes() == null ? Set.of() : config.volumes().keySet());
        HostConfig host = complete.hostConfig();
        if (host != null) {
            result.removeAll(host.tmpfs() == null ? Set.of() : host.tmpfs().keySet());
            for (HostConfig.Mount mount : mounts(host)) {
                String target = String.valueOf(mount.target());
                if ("volume".equals(mount.type())) {
                    result.add(target);
                } else {
                    result.remove(target);
                }
            }
        }
        return List.copyOf(result);
    }

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

    /** All mounts in mount order: a parent's path sorts before its children's. */
    static List<ContainerSpec.Mount> of(CreateRequest complete, List<ClaimedVolume> volumes) {
        List<ContainerSpec.Mount> result = new ArrayList<>();
        HostConfig host = complete.hostConfig();
        if (host != null) {
            Map<String, String> tmpfs = host.tmpfs() == null ? Map.of() : host.tmpfs();
            tmpfs.forEach((path, options) -> result.add(tmpfs(path, false, flags(path, options))));
            mounts(host).stream()
                    .filter(mount -> "tmpfs".equals(mount.type()))
                    .forEach(mount -> result.add(tmpfs(
                            String.valueOf(mount.target()),
                            Boolean.TRUE.equals(mount.readOnly()),
                            tmpfsOptions(mount))));
        }
        for (ClaimedVolume volume : volumes) {
            boolean readOnly = host != null
                    && mounts(host).stream()
                            .anyMatch(
                                    m -> volume.destination().equals(m.target()) && Boolean.TRUE.equals(m.readOnly()));
            result.add(new ContainerSpec.Mount(
                    ContainerSpec.Mount.Kind.VOLUME, volume.name(), volume.destination(), readOnly, List.of(), true));
        }
        result.sort(Comparator.comparing(ContainerSpec.Mount::destination));
        return List.copyOf(result);
    }

    /** Of a complete request: each is a system call at every start, and a volume an event at its start and end. */
    static void checkCount(CreateRequest complete) {
        HostConfig host = complete.hostConfig();
        int count = volumeDestinations(complete).size();
        if (host != null) {
            count += host.tmpfs() == null ? 0 : host.tmpfs().size();
            count += (int) mounts(host).stream()
                    .filter(mount -> !"volume".equals(mount.type()))
                    .count();
        }
        if (count > MOST) {
            throw new Failure.Invalid("a container can have at most " + MOST + " volumes and mounts, not " + count);
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

    /** The options of a mount of type tmpfs: SizeBytes, Mode (an octal number as JSON's decimal), Options. */
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
                default -> Refusals.unlessUnset("HostConfig.Mounts.TmpfsOptions." + option.getKey(), option.getValue());
            }
        }
        return result;
    }

    /** The part of VolumeOptions that asks for something: clients send the rest empty. */
    static Map<String, Object> meaningful(@Nullable Map<String, Object> options) {
        Map<String, Object> result = new java.util.TreeMap<>(options == null ? Map.of() : options);
        result.values()
                .removeIf(value -> value == null
                        || Boolean.FALSE.equals(value)
                        || "".equals(value)
                        || (value instanceof Map<?, ?> map && map.isEmpty()));
        return result;
    }

    private static List<HostConfig.Mount> mounts(HostConfig host) {
        return host.mounts() == null ? List.of() : host.mounts();
    }

    private static ContainerSpec.Mount tmpfs(String path, boolean readOnly, List<String> options) {
        List<String> all = Stream.concat(Stream.of("noexec", "nosuid", "nodev"), options.stream())
                .toList();
        return new ContainerSpec.Mount(
                ContainerSpec.Mount.Kind.TMPFS, "", path, readOnly || options.contains("ro"), all, false);
    }

    private static List<String> flags(String path, String options) {
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
