package io.longshore.agent.seccomp;

import io.longshore.agent.linux.SeccompLibrary;
import io.longshore.agent.linux.SeccompLibrary.Comparison;
import io.longshore.agent.linux.SeccompLibrary.Condition;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads a client's profile. All of it is from outside: sizes are bounded, and what is not understood is refused by name. */
final class ClientProfileReader {
    private static final int LONGEST = 1 << 20;
    private static final int MOST_CALLS = 20_000;
    private static final int MOST_CONDITIONS = 100;
    private static final int MOST_ARGUMENTS = 6;
    private static final int SHOWN = 100;
    private static final long MAX_ERRNO = 4095;
    private static final int EPERM = 1;

    /** SECCOMP_RET_ values by the names of libseccomp; those that take a number get it added. */
    private static final Map<String, Integer> ACTIONS = Map.of(
            "SCMP_ACT_KILL",
            0,
            "SCMP_ACT_KILL_THREAD",
            0,
            "SCMP_ACT_KILL_PROCESS",
            0x80000000,
            "SCMP_ACT_TRAP",
            0x00030000,
            "SCMP_ACT_ERRNO",
            0x00050000,
            "SCMP_ACT_TRACE",
            0x7ff00000,
            "SCMP_ACT_LOG",
            0x7ffc0000,
            "SCMP_ACT_ALLOW",
            SeccompLibrary.ALLOW);

    private static final Map<String, Comparison> COMPARISONS = Map.of(
            "SCMP_CMP_NE", Comparison.NOT_EQUAL,
            "SCMP_CMP_LT", Comparison.LESS,
            "SCMP_CMP_LE", Comparison.LESS_OR_EQUAL,
            "SCMP_CMP_EQ", Comparison.EQUAL,
            "SCMP_CMP_GE", Comparison.GREATER_OR_EQUAL,
            "SCMP_CMP_GT", Comparison.GREATER,
            "SCMP_CMP_MASKED_EQ", Comparison.MASKED_EQUAL);

    private static final Set<String> ARCHITECTURES = Set.of(
            "X86",
            "X86_64",
            "X32",
            "ARM",
            "AARCH64",
            "MIPS",
            "MIPS64",
            "MIPS64N32",
            "MIPSEL",
            "MIPSEL64",
            "MIPSEL64N32",
            "PPC",
            "PPC64",
            "PPC64LE",
            "S390",
            "S390X",
            "PARISC",
            "PARISC64",
            "RISCV64");

    private final boolean arm;
    private int calls;

    /** @param architecture as the os.arch property has it */
    ClientProfileReader(String architecture) {
        this.arm = architecture.equals("aarch64");
    }

    ClientProfile read(String text) {
        if (text.length() > LONGEST) {
            throw wrong("it has " + text.length() + " characters, at most " + LONGEST + " are read");
        }
        try {
            JsonNode profile = Json.mapper().readTree(text);
            if (!profile.isObject()) {
                throw wrong("it is no JSON object");
            }
            flags(profile.path("flags"));
            int defaultAction = action(profile, "defaultAction", "defaultErrnoRet");
            List<ClientProfile.Entry> entries = new ArrayList<>();
            for (JsonNode entry : profile.path("syscalls")) {
                if (isForThisArchitecture(entry)) {
                    entries.add(entry(entry));
                }
            }
            return new ClientProfile(defaultAction, architectures(profile), entries);
        } catch (JacksonException e) {
            throw new Failure.Invalid("Decoding seccomp profile failed: " + Json.problem(e), e);
        }
    }

    /** Those of libseccomp that change what a filter does; that all threads get it means nothing for a process of one. */
    private static void flags(JsonNode flags) {
        for (JsonNode flag : flags) {
            if (!flag.asString("").equals("SECCOMP_FILTER_FLAG_TSYNC")) {
                throw new Failure.NotImplemented("the flag " + shown(flag.asString(""))
                        + " of a seccomp profile is not available in Longshore yet; leave it out");
            }
        }
    }

    private List<String> architectures(JsonNode profile) {
        JsonNode plain = profile.path("architectures");
        JsonNode map = profile.path("archMap");
        if (!plain.isEmpty() && !map.isEmpty()) {
            throw wrong("both 'architectures' and 'archMap' are specified in the seccomp profile, use either"
                    + " 'architectures' or 'archMap'");
        }
        Set<String> names = new HashSet<>();
        plain.forEach(name -> names.add(architecture(name)));
        for (JsonNode entry : map) {
            if (isNative(architecture(entry.path("architecture")))) {
                entry.path("subArchitectures").forEach(name -> names.add(architecture(name)));
            }
        }
        return names.stream().filter(name -> !isNative(name)).sorted().toList();
    }

    private boolean isNative(String name) {
        return name.equals(arm ? "aarch64" : "x86_64");
    }

    /** libseccomp's name of what the profile calls {@code SCMP_ARCH_X86_64}. */
    private static String architecture(JsonNode node) {
        String name = node.asString("");
        String rest = name.startsWith("SCMP_ARCH_") ? name.substring("SCMP_ARCH_".length()) : "";
        if (!ARCHITECTURES.contains(rest)) {
            throw wrong("unknown architecture \"" + shown(name) + "\"");
        }
        return rest.toLowerCase(Locale.ROOT);
    }

    /** Entries are for architectures by Go's names. */
    private boolean isForThisArchitecture(JsonNode entry) {
        String own = arm ? "arm64" : "amd64";
        Set<String> included = texts(entry.path("includes").path("arches"));
        return (included.isEmpty() || included.contains(own))
                && !texts(entry.path("excludes").path("arches")).contains(own);
    }

    private ClientProfile.Entry entry(JsonNode entry) {
        Set<String> names = new java.util.LinkedHashSet<>(texts(entry.path("names")));
        String one = entry.path("name").asString("");
        if (!one.isEmpty() && !names.isEmpty()) {
            throw wrong("both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'");
        }
        if (!one.isEmpty()) {
            names.add(one);
        }
        calls += names.size();
        if (calls > MOST_CALLS) {
            throw wrong("it names more than " + MOST_CALLS + " calls");
        }
        List<Condition> conditions = new ArrayList<>();
        for (JsonNode argument : entry.path("args")) {
            conditions.add(condition(argument));
        }
        if (conditions.size() > MOST_CONDITIONS) {
            throw wrong("a rule has " + conditions.size() + " conditions");
        }
        return new ClientProfile.Entry(
                action(entry, "action", "errnoRet"),
                List.copyOf(names),
                conditions,
                filter(entry.path("includes")),
                filter(entry.path("excludes")));
    }

    private static ClientProfile.Filter filter(JsonNode node) {
        String kernel = node.path("minKernel").asString("");
        return new ClientProfile.Filter(texts(node.path("caps")), kernel.isEmpty() ? null : kernel(kernel));
    }

    private static @Nullable KernelVersion kernel(String text) {
        try {
            return KernelVersion.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Failure.Invalid("Decoding seccomp profile failed: invalid kernel version: " + shown(text), e);
        }
    }

    private static int action(JsonNode node, String field, String number) {
        String name = node.path(field).asString("");
        Integer action = ACTIONS.get(name);
        if (action == null) {
            throw wrong(name.isEmpty() ? "there is no " + field : "unknown action \"" + shown(name) + "\"");
        }
        boolean takesNumber = name.equals("SCMP_ACT_ERRNO") || name.equals("SCMP_ACT_TRACE");
        long value = node.path(number).asLong(EPERM);
        if (value < 0 || value > MAX_ERRNO) {
            throw wrong(number + " " + value + " is not between 0 and " + MAX_ERRNO);
        }
        return takesNumber ? action | (int) value : action;
    }

    private static Condition condition(JsonNode argument) {
        long index = argument.path("index").asLong(0);
        if (index < 0 || index >= MOST_ARGUMENTS) {
            throw wrong("a system call has no argument " + index);
        }
        String operator = argument.path("op").asString("");
        Comparison comparison = COMPARISONS.get(operator);
        if (comparison == null) {
            throw wrong("unknown operator \"" + shown(operator) + "\"");
        }
        long value = number(argument.path("value"));
        long second = number(argument.path("valueTwo"));
        // A mask comes first here, and the value to find under it second.
        return comparison == Comparison.MASKED_EQUAL
                ? new Condition((int) index, comparison, second, value)
                : new Condition((int) index, comparison, value, 0);
    }

    /** 64 bits without a sign. */
    private static long number(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return 0;
        }
        if (!node.isIntegralNumber()
                || node.bigIntegerValue().signum() < 0
                || node.bigIntegerValue().bitLength() > Long.SIZE) {
            throw wrong("\"" + shown(node.asString("")) + "\" is no number of 64 bits");
        }
        return node.bigIntegerValue().longValue();
    }

    private static Set<String> texts(JsonNode list) {
        Set<String> texts = new java.util.LinkedHashSet<>();
        list.forEach(text -> texts.add(text.asString("")));
        return texts;
    }

    private static String shown(String text) {
        return text.substring(0, Math.min(text.length(), SHOWN));
    }

    private static Failure wrong(String what) {
        return new Failure.Invalid("Decoding seccomp profile failed: " + what);
    }
}
