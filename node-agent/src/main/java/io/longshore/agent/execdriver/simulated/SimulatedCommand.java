package io.longshore.agent.execdriver.simulated;

import io.longshore.agent.execdriver.CommandNotExecutable;
import io.longshore.agent.execdriver.StartWords;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated process does, read from its arguments: {@code true}, {@code false}, {@code exit N}, {@code echo WORD...},
 * {@code sleep SECONDS}, {@code cat}, each also as {@code sh -c "..."} with {@code ;} between, and with a path before the name.
 * Anything else runs until a signal ends it. A program whose name begins with {@code nonexistent} is not there.
 *
 * @param output what it writes to stdout at once
 * @param echoes whether it then copies its input until that ends
 * @param runs how long it then runs; null until a signal ends it
 * @param exitCode its status then
 */
record SimulatedCommand(
        String output, boolean echoes, @Nullable Duration runs, int exitCode) {
    /** @throws CommandNotExecutable as an exec driver says it of a command that is not there */
    static SimulatedCommand parse(List<String> arguments, StartWords words) {
        String program = name(arguments.getFirst());
        if (program.startsWith("nonexistent")) {
            String first = arguments.getFirst();
            throw new CommandNotExecutable(
                    127,
                    words,
                    "exec: \"" + first + "\": "
                            + (first.contains("/")
                                    ? "stat " + first + ": no such file or directory"
                                    : "executable file not found in $PATH"));
        }
        if (program.equals("sh") && arguments.size() > 2 && arguments.get(1).equals("-c")) {
            SimulatedCommand whole = new SimulatedCommand("", false, Duration.ZERO, 0);
            for (String part : arguments.get(2).split(";")) {
                whole = whole.then(simple(Arrays.asList(part.strip().split("\\s+"))));
            }
            return whole;
        }
        return simple(arguments);
    }

    private SimulatedCommand then(SimulatedCommand next) {
        Duration both = runs == null || next.runs == null ? null : runs.plus(next.runs);
        return new SimulatedCommand(output + next.output, echoes || next.echoes, both, next.exitCode);
    }

    private static SimulatedCommand simple(List<String> words) {
        String rest = String.join(" ", words.subList(1, words.size()));
        return switch (name(words.getFirst())) {
            case "true" -> new SimulatedCommand("", false, Duration.ZERO, 0);
            case "false" -> new SimulatedCommand("", false, Duration.ZERO, 1);
            case "exit" -> new SimulatedCommand("", false, Duration.ZERO, number(rest) & 0xff);
            case "echo" -> new SimulatedCommand(rest + "\n", false, Duration.ZERO, 0);
            case "cat" -> new SimulatedCommand("", true, Duration.ZERO, 0);
            case "sleep" -> new SimulatedCommand("", false, Duration.ofMillis(millis(rest)), 0);
            default -> new SimulatedCommand("", false, null, 0);
        };
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static int number(String text) {
        return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
    }

    private static long millis(String seconds) {
        return seconds.matches("\\d{1,9}(\\.\\d{1,3})?") ? (long) (Double.parseDouble(seconds) * 1000) : 0;
    }
}
