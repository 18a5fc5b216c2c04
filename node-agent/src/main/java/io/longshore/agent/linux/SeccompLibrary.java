package io.longshore.agent.linux;

import java.util.List;

/** What libseccomp does for us: a filter's rules in, its BPF out. Thread-safe; takes some tens of milliseconds, so keep the result. */
public interface SeccompLibrary {
    /** SECCOMP_RET_ALLOW of linux/seccomp.h; the library's actions have the kernel's values. */
    int ALLOW = 0x7fff0000;

    /** The action that makes a call fail. */
    static int fail(int errno) {
        return 0x00050000 | (errno & 0xffff);
    }

    /**
     * One rule.
     *
     * @param action SECCOMP_RET_ value: {@link #ALLOW}, {@link #fail} ...
     * @param call a system call by name; a name that the library or the architecture does not know is left out
     * @param conditions all must hold
     */
    record Rule(int action, String call, List<Condition> conditions) {
        public Rule {
            conditions = List.copyOf(conditions);
        }
    }

    /** Compares argument {@code argument} (0 to 5); {@code mask} counts for {@link Comparison#MASKED_EQUAL} only. */
    record Condition(int argument, Comparison comparison, long value, long mask) {}

    /** enum scmp_compare of seccomp.h. */
    enum Comparison {
        NOT_EQUAL(1),
        LESS(2),
        LESS_OR_EQUAL(3),
        EQUAL(4),
        GREATER_OR_EQUAL(5),
        GREATER(6),
        MASKED_EQUAL(7);

        private final int number;

        Comparison(int number) {
            this.number = number;
        }

        /** As seccomp.h has it. */
        public int number() {
            return number;
        }
    }

    /**
     * Compiles a filter for the native architecture and those beside it.
     *
     * @param defaultAction of any other call; no rule may have the same
     * @param architectures others that are let in, by libseccomp's names: {@code x86}, {@code x32}
     * @return an array of struct sock_filter, 8 bytes each
     */
    byte[] compile(int defaultAction, List<String> architectures, List<Rule> rules) throws ErrnoException;

    /** The number of a call on this architecture; negative if the library does not know it, or the architecture has none. */
    default int number(String call) {
        return -1;
    }
}
