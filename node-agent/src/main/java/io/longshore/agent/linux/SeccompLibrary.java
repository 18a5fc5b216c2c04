package io.longshore.agent.linux;

import java.util.List;

/** What libseccomp does for us: a filter's rules in, its BPF out. Thread-safe; takes some tens of milliseconds, so keep the result. */
public interface SeccompLibrary {
    /**
     * One rule.
     *
     * @param errno what the call fails with; 0 allows it
     * @param call a system call by name; a name that the library or the architecture does not know is left out
     * @param conditions all must hold
     */
    record Rule(int errno, String call, List<Condition> conditions) {
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
     * @param defaultErrno what any other call fails with
     * @param architectures others that are let in, by libseccomp's names: {@code x86}, {@code x32}
     * @return an array of struct sock_filter, 8 bytes each
     */
    byte[] compile(int defaultErrno, List<String> architectures, List<Rule> rules) throws ErrnoException;
}
