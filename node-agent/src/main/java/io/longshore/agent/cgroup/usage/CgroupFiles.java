package io.longshore.agent.cgroup.usage;

import io.longshore.agent.cgroup.CgroupPath;
import io.longshore.agent.cgroup.Hierarchy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The files of one cgroup by controller. What is not there, or goes while it is read, is empty; what makes no sense is left out. */
final class CgroupFiles {
    /** More than the longest of these files has with hundreds of devices. */
    private static final int LONGEST = 1 << 20;

    private final List<Hierarchy> hierarchies;
    private final CgroupPath path;

    CgroupFiles(List<Hierarchy> hierarchies, CgroupPath path) {
        this.hierarchies = hierarchies;
        this.path = path;
    }

    /** Whether version 2 accounts for it: there is no version 1 hierarchy of this controller, and version 2 has it or is all there is. */
    boolean isUnified(String v1, String v2) {
        return find(v1, false).isEmpty()
                && (find(v2, true).isPresent() || hierarchies.stream().allMatch(Hierarchy::unified));
    }

    private Optional<Hierarchy> find(String controller, boolean unified) {
        return hierarchies.stream()
                .filter(each -> each.unified() == unified && each.controllers().contains(controller))
                .findFirst();
    }

    /** The file in the version 1 hierarchy of a controller. */
    String v1(String controller, String file) {
        return find(controller, false).map(found -> read(found, file)).orElse("");
    }

    /** The file in the version 2 hierarchy, whose cgroups have some files (cpu.stat) even without the controller. */
    String v2(String file) {
        return hierarchies.stream()
                .filter(Hierarchy::unified)
                .findFirst()
                .map(found -> read(found, file))
                .orElse("");
    }

    /** Whether the version 1 hierarchy of a controller has the file. */
    boolean hasV1(String controller, String file) {
        return find(controller, false)
                .filter(found -> Files.exists(found.directory(path).resolve(file)))
                .isPresent();
    }

    private String read(Hierarchy hierarchy, String file) {
        return text(hierarchy.directory(path).resolve(file));
    }

    /** A file of procfs or cgroupfs as far as it is to be read here. */
    static String text(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** A number; values over the largest long, as of a version 1 limit that is none, become that. */
    static @Nullable Long number(String text) {
        String digits = text.strip();
        if (digits.isEmpty() || digits.length() > 20 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return null;
        }
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    /** A number, or 0. */
    static long numberOrZero(String text) {
        Long number = number(text);
        return number == null ? 0 : number;
    }

    /** Lines of a name and a number: the flat keyed form of both versions. */
    static Map<String, Long> pairs(String text) {
        Map<String, Long> pairs = new LinkedHashMap<>();
        text.lines().forEach(line -> {
            int space = line.indexOf(' ');
            Long value = space < 0 ? null : number(line.substring(space + 1));
            if (value != null) {
                pairs.put(line.substring(0, space), value);
            }
        });
        return pairs;
    }
}
