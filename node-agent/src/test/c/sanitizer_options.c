/* The stage runs with /dev/null as stderr and no environment, so where findings go is built in. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void) {
    /* Leaks cannot be looked for: that needs ptrace, which a process that is not dumpable forbids. */
    return "detect_leaks=0:abort_on_error=1:log_path=" REPORT;
}

const char *__ubsan_default_options(void) {
    return "print_stacktrace=1:log_path=" REPORT;
}
