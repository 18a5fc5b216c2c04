package io.longshore.acceptance.sandbox;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the probe wrote, by key, with what differs from run to run replaced by its kind. */
final class Findings {
    private static final Pattern LINE = Pattern.compile("(\\w+) (.*?)(?: = (.*))?");
    private static final Pattern MOUNT =
            Pattern.compile("\\d+ \\d+ \\d+:\\d+ (\\S+) (\\S+) (\\S+)((?: \\S+:\\d+)*) - (\\S+) (\\S+) (\\S+)");
    /** Others tell of this moment or of this machine. */
    private static final Set<String> STATUS = Set.of(
            "Umask",
            "Pid",
            "PPid",
            "TracerPid",
            "Uid",
            "Gid",
            "Groups",
            "NSpid",
            "NSpgid",
            "NSsid",
            "SigBlk",
            "SigIgn",
            "SigCgt",
            "CapInh",
            "CapPrm",
            "CapEff",
            "CapBnd",
            "CapAmb",
            "NoNewPrivs",
            "Seccomp",
            "Seccomp_filters",
            "Speculation_Store_Bypass",
            "SpeculationIndirectBranch",
            "Cpus_allowed_list",
            "Mems_allowed_list",
            "THP_enabled");

    /** Whose files are somebody's own: where they lie on the node is another matter. */
    private static final List<String> NODES_FILE_SYSTEM = List.of("ext4", "xfs", "btrfs");

    private final Map<String, String> all = new TreeMap<>();

    private Findings() {}

    static Map<String, String> of(String text) {
        Findings findings = new Findings();
        text.lines().forEach(findings::line);
        return findings.all;
    }

    private void line(String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            throw new AssertionError("the probe wrote \"" + line + "\"");
        }
        String section = matcher.group(1);
        String key = matcher.group(2);
        String value = matcher.group(3) == null ? "" : normal(matcher.group(3));
        switch (section) {
            case "mount" -> mount(value);
            case "cgroup" -> cgroup(value);
            case "status" -> {
                if (STATUS.contains(key)) {
                    put("status " + key, value.strip());
                }
            }
            case "interface" -> put("interface " + key.strip(), "");
            case "environment" -> put("environment " + normal(line.substring("environment ".length())), "");
            default -> put(section + " " + normal(key), value);
        }
    }

    private void put(String key, String value) {
        String free = key;
        for (int i = 2; all.containsKey(free); i++) {
            free = key + " #" + i;
        }
        all.put(free, value);
    }

    private static String normal(String text) {
        return text.replaceAll("[0-9a-f]{64}", "<id>")
                .replaceAll("\\b[0-9a-f]{12}\\b", "<short-id>")
                .replaceAll("(pipe|socket):\\[\\d+]", "$1");
    }

    /** By where it is; Docker's cgroups and ours have different names on the node. */
    private void mount(String line) {
        Matcher matcher = MOUNT.matcher(line);
        if (!matcher.matches()) {
            throw new AssertionError("a line of mountinfo: " + line);
        }
        String root = matcher.group(1);
        String type = matcher.group(5);
        boolean ofTheNode = NODES_FILE_SYSTEM.contains(type);
        String source = matcher.group(6);
        String options = matcher.group(7);
        if (type.equals("overlay")) {
            options = options.replaceAll(",.*", "");
        }
        put(
                "mount " + matcher.group(2),
                type + " " + matcher.group(3) + matcher.group(4)
                        + (ofTheNode
                                ? ""
                                : " from " + root.replaceAll("^/\\S*/<id>$", "<cgroup>") + " " + source + " "
                                        + options));
    }

    private void cgroup(String line) {
        String[] parts = line.split(":", 3);
        put("cgroup " + parts[1], parts[2].replaceAll("^/\\S*/<id>$", "<cgroup>"));
    }
}
