package io.longshore.agent.execdriver.libcontainer.figures;

import io.longshore.contracts.error.Failure;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Arguments for ps(1) from a client. They reach ps as they are, each as one argument, but for those that would forge its table. */
final class PsArguments {
    private static final int MOST = 64;
    private static final int LONGEST = 4_096;

    /**
     * {@code user=PID} titles another column so: then processes that are not the container's would pass for it. An argument may be a list
     * of columns, the first with the option before it.
     */
    private static final Pattern TITLE = Pattern.compile("([^=]*)=(.*PID.*)");

    private static final Pattern OF_PID = Pattern.compile("(-?[A-Za-z]*[oO])?pid");

    private PsArguments() {}

    /** The same, checked; {@link Failure.Invalid}, or {@link Failure.Internal} where Docker Engine has a server's error. */
    static List<String> check(List<String> arguments) {
        if (arguments.size() > MOST
                || arguments.stream().mapToInt(String::length).sum() > LONGEST) {
            throw new Failure.Invalid(
                    "too many arguments for ps: at most " + MOST + " of " + LONGEST + " characters together");
        }
        for (String argument : arguments) {
            if (argument.chars().anyMatch(c -> c < ' ' || c == 127)) {
                throw new Failure.Invalid("an argument for ps has a control character in it");
            }
            for (String column : argument.split(",")) {
                Matcher title = TITLE.matcher(column);
                if (title.matches() && !OF_PID.matcher(title.group(1)).matches()) {
                    throw new Failure.Internal("specifying \"" + column + "\" is not allowed");
                }
            }
        }
        return List.copyOf(arguments);
    }
}
