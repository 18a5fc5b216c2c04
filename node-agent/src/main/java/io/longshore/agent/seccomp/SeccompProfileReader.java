package io.longshore.agent.seccomp;

import io.longshore.agent.linux.SeccompLibrary.Comparison;
import io.longshore.agent.linux.SeccompLibrary.Condition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the text form of a profile; a line that is not understood is refused, since a dropped rule would be a hole. */
final class SeccompProfileReader {
    private static final KernelVersion ANY = new KernelVersion(0, 0);

    private final List<SeccompRule> rules = new ArrayList<>();
    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final Map<String, List<String>> architectures = new LinkedHashMap<>();
    private int defaultErrno = 1;

    private SeccompProfileReader() {}

    static SeccompProfile read(String text) {
        var reader = new SeccompProfileReader();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            String content = line.strip();
            if (!content.isEmpty() && !content.startsWith("#")) {
                try {
                    reader.line(content);
                } catch (RuntimeException e) {
                    throw new IllegalArgumentException("seccomp profile, line " + number + ": " + content, e);
                }
            }
        }
        return new SeccompProfile(reader.defaultErrno, reader.architectures, reader.rules, reader.numbers);
    }

    private void line(String content) {
        List<String> words = Arrays.asList(content.split("\\s+"));
        switch (words.getFirst()) {
            case "default" -> defaultErrno = Integer.parseInt(words.get(1));
            case "beside" -> architectures.put(words.get(1), List.copyOf(words.subList(2, words.size())));
            case "number" -> numbers.put(words.get(1), Integer.parseInt(words.get(2)));
            default -> rules.add(rule(words));
        }
    }

    private static SeccompRule rule(List<String> words) {
        String with = "";
        String without = "";
        KernelVersion kernel = ANY;
        int at = 0;
        for (; !words.get(at).equals("allow") && !words.get(at).equals("errno"); at += 2) {
            String value = words.get(at + 1);
            switch (words.get(at)) {
                case "with" -> with = value;
                case "without" -> without = value;
                case "kernel" -> kernel = KernelVersion.parse(value);
                default -> throw new IllegalArgumentException("unknown word " + words.get(at));
            }
        }
        int errno = 0;
        if (words.get(at).equals("errno")) {
            errno = Integer.parseInt(words.get(++at));
        }
        List<String> rest = words.subList(at + 1, words.size());
        int when = rest.indexOf("when");
        List<String> calls = when < 0 ? rest : rest.subList(0, when);
        if (calls.isEmpty()) {
            throw new IllegalArgumentException("no system call");
        }
        List<Condition> conditions = when < 0 ? List.of() : List.of(condition(rest.subList(when + 1, rest.size())));
        return new SeccompRule(errno, List.copyOf(calls), conditions, with, without, kernel);
    }

    /** {@code arg0 < 38}, {@code arg0 & 0x7e020000 == 0}. */
    private static Condition condition(List<String> words) {
        int argument = Integer.parseInt(words.get(0).substring("arg".length()));
        long value = Long.decode(words.getLast());
        return switch (words.get(1)) {
            case "<" -> new Condition(argument, Comparison.LESS, value, 0);
            case ">" -> new Condition(argument, Comparison.GREATER, value, 0);
            case "==" -> new Condition(argument, Comparison.EQUAL, value, 0);
            case "&" -> new Condition(argument, Comparison.MASKED_EQUAL, value, Long.decode(words.get(2)));
            default -> throw new IllegalArgumentException("unknown comparison " + words.get(1));
        };
    }
}
