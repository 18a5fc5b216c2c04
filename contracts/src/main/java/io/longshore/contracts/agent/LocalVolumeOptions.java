package io.longshore.contracts.agent;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a volume of the driver {@code local} may be made with, as mount(8) has it: what a create takes, every agent can do. */
public final class LocalVolumeOptions {
    /** What is mounted: a file system's name, empty or {@code none} for a directory of the node. */
    public static final String TYPE = "type";

    /** Options of the mount, separated by commas. */
    public static final String MOUNT_OPTIONS = "o";

    /** From where: a device, a directory, or {@code :/path} of a server. */
    public static final String DEVICE = "device";

    private static final String SIZE = "size";
    /** What each needs beside it. */
    private static final Map<String, List<String>> NEEDED =
            Map.of(TYPE, List.of(DEVICE), DEVICE, List.of(TYPE), MOUNT_OPTIONS, List.of(DEVICE, TYPE));

    private static final int LONGEST = 4096;

    private LocalVolumeOptions() {}

    /** Why these cannot be, in Docker's words; null when they can. */
    public static @Nullable String refusal(Map<String, String> options) {
        for (Map.Entry<String, String> option : new TreeMap<>(options).entrySet()) {
            String name = option.getKey();
            if (name.equals(SIZE)) {
                return "quota size requested but no quota support";
            }
            if (!NEEDED.containsKey(name)) {
                return "invalid option: \"" + name.substring(0, Math.min(100, name.length())) + "\"";
            }
            if (option.getValue().length() > LONGEST) {
                return "option \"" + name + "\" is longer than " + LONGEST + " characters";
            }
        }
        for (String name : new TreeMap<>(options).keySet()) {
            for (String needed : NEEDED.getOrDefault(name, List.of())) {
                if (!options.containsKey(needed)) {
                    return "missing required option: \"" + needed + "\"";
                }
            }
        }
        return null;
    }
}
