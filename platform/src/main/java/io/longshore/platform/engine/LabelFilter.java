package io.longshore.platform.engine;

import java.util.List;
import java.util.Map;

/** The filters {@code label} and {@code label!}, whose values are {@code key} or {@code key=value}. */
public final class LabelFilter {
    private LabelFilter() {}

    /** Whether all of {@code wanted} are there: labels are the one key whose values must all match. */
    public static boolean hasAll(Map<String, String> labels, List<String> wanted) {
        return wanted.stream().allMatch(label -> has(labels, label));
    }

    /** Whether none of {@code unwanted} is there. */
    public static boolean hasNone(Map<String, String> labels, List<String> unwanted) {
        return unwanted.stream().noneMatch(label -> has(labels, label));
    }

    private static boolean has(Map<String, String> labels, String label) {
        int equals = label.indexOf('=');
        return equals < 0
                ? labels.containsKey(label)
                : label.substring(equals + 1).equals(labels.get(label.substring(0, equals)));
    }
}
