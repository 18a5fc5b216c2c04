package io.longshore.agent.linux.jna;

import com.sun.jna.Pointer;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.RawPath;
import io.longshore.agent.linux.SeccompLibrary;
import io.longshore.agent.linux.Syscalls;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** {@link SeccompLibrary} on libseccomp.so.2. */
public final class JnaSeccompLibrary implements SeccompLibrary {
    private static final int ATTRIBUTE_OPTIMIZE = 8;
    private static final int OPTIMIZE_TREE = 2;
    private static final int UNKNOWN_CALL = -1;
    private static final int EEXIST = 17;
    private static final int COMPARISON_BYTES = 24;
    // BPF_MAXINSNS of 8 bytes each, and one more, by which a filter that is too large is told.
    private static final int LARGEST_FILTER = 4097 * 8;

    private final Syscalls syscalls;

    /** @param syscalls gives the memory file through which the library hands out its result */
    public JnaSeccompLibrary(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    @Override
    public byte[] compile(int defaultAction, List<String> architectures, List<Rule> rules) throws ErrnoException {
        Pointer context = LibSeccomp.seccomp_init(defaultAction);
        if (context == null) {
            throw new ErrnoException("seccomp_init", "", 12);
        }
        try {
            // A tree answers in ten steps instead of hundreds, for each call and for the kernel's cache at every start.
            LibSeccomp.seccomp_attr_set(context, ATTRIBUTE_OPTIMIZE, OPTIMIZE_TREE);
            for (String architecture : architectures) {
                int token = LibSeccomp.seccomp_arch_resolve_name(RawPath.cString(architecture));
                int result = LibSeccomp.seccomp_arch_add(context, token);
                check("seccomp_arch_add", architecture, result == -EEXIST ? 0 : result);
            }
            for (Rule rule : rules) {
                add(context, rule);
            }
            return export(context);
        } finally {
            LibSeccomp.seccomp_release(context);
        }
    }

    @Override
    public int number(String call) {
        return LibSeccomp.seccomp_syscall_resolve_name(RawPath.cString(call));
    }

    private static void add(Pointer context, Rule rule) throws ErrnoException {
        int call = LibSeccomp.seccomp_syscall_resolve_name(RawPath.cString(rule.call()));
        if (call == UNKNOWN_CALL) {
            return;
        }
        ByteBuffer comparisons = ByteBuffer.allocate(
                        Math.max(1, rule.conditions().size()) * COMPARISON_BYTES)
                .order(ByteOrder.nativeOrder());
        for (Condition condition : rule.conditions()) {
            boolean masked = condition.comparison() == Comparison.MASKED_EQUAL;
            comparisons
                    .putInt(condition.argument())
                    .putInt(condition.comparison().number())
                    .putLong(masked ? condition.mask() : condition.value())
                    .putLong(masked ? condition.value() : 0);
        }
        int size = rule.conditions().size();
        check(
                "seccomp_rule_add_array",
                rule.call(),
                LibSeccomp.seccomp_rule_add_array(context, rule.action(), call, size, comparisons.array()));
    }

    private byte[] export(Pointer context) throws ErrnoException {
        try (Fd memory = syscalls.memfdCreate("longshore-seccomp")) {
            check("seccomp_export_bpf", "", LibSeccomp.seccomp_export_bpf(context, memory.number()));
            ByteBuffer buffer = ByteBuffer.allocate(LARGEST_FILTER);
            while (buffer.hasRemaining() && syscalls.pread(memory, buffer, buffer.position()) > 0) {}
            byte[] filter = new byte[buffer.position()];
            buffer.flip().get(filter);
            return filter;
        }
    }

    private static void check(String call, String detail, int result) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(call, detail, -result);
        }
    }
}
