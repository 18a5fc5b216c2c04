package io.longshore.agent.seccomp;

import io.longshore.agent.linux.SeccompLibrary.Comparison;
import io.longshore.agent.linux.SeccompLibrary.Condition;
import io.longshore.agent.linux.SeccompLibrary.Rule;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** A filter's rules as an OCI runtime takes them (runtime-spec, config-linux.md, seccomp). Pure functions. */
final class OciFilter {
    private static final int KIND = 0xffff0000;
    private static final int NUMBER = 0xffff;
    private static final int ERRNO = 0x00050000;
    private static final int TRACE = 0x7ff00000;

    private static final Map<Integer, String> ACTIONS = Map.of(
            0,
            "SCMP_ACT_KILL",
            0x80000000,
            "SCMP_ACT_KILL_PROCESS",
            0x00030000,
            "SCMP_ACT_TRAP",
            ERRNO,
            "SCMP_ACT_ERRNO",
            TRACE,
            "SCMP_ACT_TRACE",
            0x7ffc0000,
            "SCMP_ACT_LOG",
            0x7fff0000,
            "SCMP_ACT_ALLOW");

    private static final Map<Comparison, String> COMPARISONS = Map.of(
            Comparison.NOT_EQUAL, "SCMP_CMP_NE",
            Comparison.LESS, "SCMP_CMP_LT",
            Comparison.LESS_OR_EQUAL, "SCMP_CMP_LE",
            Comparison.EQUAL, "SCMP_CMP_EQ",
            Comparison.GREATER_OR_EQUAL, "SCMP_CMP_GE",
            Comparison.GREATER, "SCMP_CMP_GT",
            Comparison.MASKED_EQUAL, "SCMP_CMP_MASKED_EQ");

    private OciFilter() {}

    private record Same(int action, List<Condition> conditions) {}

    /** @param architectures beside the native one, by libseccomp's names */
    static Map<String, Object> of(int defaultAction, List<String> architectures, List<Rule> rules) {
        Map<String, Object> filter = new LinkedHashMap<>();
        action(filter, "defaultAction", "defaultErrnoRet", defaultAction);
        String own = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";
        filter.put(
                "architectures",
                Stream.concat(Stream.of(own), architectures.stream())
                        .map(name -> "SCMP_ARCH_" + name.toUpperCase(Locale.ROOT))
                        .distinct()
                        .toList());
        Map<Same, List<String>> calls = new LinkedHashMap<>();
        for (Rule rule : rules) {
            calls.computeIfAbsent(new Same(rule.action(), rule.conditions()), same -> new ArrayList<>())
                    .add(rule.call());
        }
        List<Map<String, Object>> entries = new ArrayList<>();
        calls.forEach((same, names) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("names", names);
            action(entry, "action", "errnoRet", same.action());
            entry.put(
                    "args", same.conditions().stream().map(OciFilter::condition).toList());
            entries.add(entry);
        });
        filter.put("syscalls", entries);
        return filter;
    }

    private static void action(Map<String, Object> into, String key, String numberKey, int action) {
        int kind = action & KIND;
        String name = ACTIONS.get(kind);
        if (name == null) {
            throw new IllegalArgumentException("no seccomp action has the value " + Integer.toHexString(action));
        }
        into.put(key, name);
        if (kind == ERRNO || kind == TRACE) {
            into.put(numberKey, action & NUMBER);
        }
    }

    /** libseccomp's first value of a masked comparison is the mask. */
    private static Map<String, Object> condition(Condition condition) {
        boolean masked = condition.comparison() == Comparison.MASKED_EQUAL;
        Map<String, Object> argument = new LinkedHashMap<>();
        argument.put("index", condition.argument());
        argument.put("value", unsigned(masked ? condition.mask() : condition.value()));
        argument.put("valueTwo", unsigned(masked ? condition.value() : 0));
        argument.put("op", COMPARISONS.getOrDefault(condition.comparison(), ""));
        return argument;
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }
}
