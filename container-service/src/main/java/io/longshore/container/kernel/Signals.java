package io.longshore.container.kernel;

import io.longshore.contracts.error.Failure;
import java.util.List;
import java.util.Locale;

/** Signals by name or number, as {@code StopSignal} and the query parameter {@code signal} have them (signal(7), x86 and arm numbers). */
public final class Signals {
    /** SIGKILL. */
    public static final int KILL = 9;
    /** SIGTERM. */
    public static final int TERM = 15;

    private static final int HIGHEST = 64;
    private static final int RTMIN = 34;
    private static final List<String> NAMES = List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS");

    private Signals() {}

    /** Reads {@code SIGTERM}, {@code term}, {@code 15}, {@code RTMIN+1} and so on; otherwise {@link Failure.Invalid}. */
    public static int parse(String text) {
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return number(text, text);
        }
        String upper = text.toUpperCase(Locale.ROOT);
        String name = upper.startsWith("SIG") ? upper.substring(3) : upper;
        int index = NAMES.indexOf(name);
        return index >= 0 ? index + 1 : other(name, text);
    }

    /** The names that have a second spelling, and the real-time signals, of which glibc keeps the first two. */
    private static int other(String name, String text) {
        return switch (name) {
            case "IOT" -> 6;
            case "CLD" -> 17;
            case "POLL" -> 29;
            case "RTMIN" -> RTMIN;
            case "RTMAX" -> HIGHEST;
            default -> {
                if (name.matches("RTMIN\\+([1-9]|1[0-5])")) {
                    yield RTMIN + Integer.parseInt(name.substring("RTMIN+".length()));
                }
                if (name.matches("RTMAX-([1-9]|1[0-4])")) {
                    yield HIGHEST - Integer.parseInt(name.substring("RTMAX-".length()));
                }
                throw invalid(text);
            }
        };
    }

    private static int number(String digits, String text) {
        if (digits.length() > 2 || Integer.parseInt(digits) < 1 || Integer.parseInt(digits) > HIGHEST) {
            throw invalid(text);
        }
        return Integer.parseInt(digits);
    }

    private static Failure invalid(String text) {
        return new Failure.Invalid("invalid signal: " + text);
    }
}
