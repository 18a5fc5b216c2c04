package io.longshore.acceptance.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The commands of a case, their standard output and their exit codes, with all that differs from run to run replaced by its kind. How
 * errors are worded differs between Docker Engine's own versions: each case says which words matter.
 */
final class Transcript {
    private static final List<Rule> RULES = List.of(
            new Rule("\\b(127\\.0\\.0\\.1|10(\\.\\d{1,3}){3}):\\d{4,5}\\b", "<registry>"),
            new Rule("/tmp/longshore-case-\\d+", "<home>"),
            new Rule("\\b[0-9a-f]{64}\\b", "<id>"),
            new Rule("\\bid=[0-9a-f]{8}\\b", "id=<prefix>"),
            new Rule("\\b[0-9a-f]{12}\\b", "<short-id>"),
            new Rule(
                    "\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?( ?(Z|[+-]\\d\\d:?\\d\\d)( [A-Z]+)?)?",
                    "<time>"),
            new Rule("\\b(Less than a|About an?|\\d+) (second|minute|hour)s?( ago)?", "<ago>"),
            // How far layers are at the same time is chance.
            new Rule("(?m)^<short-id>: (Waiting|Preparing|Verifying Checksum|Download complete)\\n", ""),
            new Rule("(?m)[ \\t]+", " "),
            new Rule("(?m) $", ""));

    private final Path socket;
    private final Path home;
    private final List<String> entries = new ArrayList<>();

    Transcript(Path socket, Path home) {
        this.socket = socket;
        this.home = home;
    }

    void add(Outcome outcome) {
        entries.add("$ docker " + normal(outcome.command()) + "\n" + normal(outcome.out())
                + "exit " + outcome.code()
                + "\n");
    }

    private String normal(String text) {
        String normal = text.replace(socket.toString(), "<socket>").replace(home.toString(), "<home>");
        for (Rule rule : RULES) {
            normal = rule.pattern().matcher(normal).replaceAll(rule.replacement());
        }
        return normal;
    }

    @Override
    public String toString() {
        return String.join("", entries);
    }

    private record Rule(Pattern pattern, String replacement) {
        Rule(String pattern, String replacement) {
            this(Pattern.compile(pattern), replacement);
        }
    }
}
