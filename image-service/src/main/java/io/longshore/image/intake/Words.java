package io.longshore.image.intake;

import io.longshore.contracts.error.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the words of a Dockerfile instruction: quotes are taken off, a backslash keeps the next character, and {@code $NAME},
 * <code>${NAME}</code>, <code>${NAME:-word}</code> and <code>${NAME:+word}</code> are replaced but in single quotes (Dockerfile reference,
 * "Environment replacement"). For one instruction; not thread-safe.
 */
final class Words {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*|[0-9*#@?$!-]");
    /** What a configuration may hold of one value; a variable made of itself doubles with every instruction. */
    private static final int LONGEST = 64 << 10;
    /** Of a word in a word in a word: deeper than anybody writes it. */
    private static final int DEEPEST = 16;

    private final String instruction;
    private final Map<String, String> environment;
    private final boolean splits;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean begun;

    private Words(String instruction, Map<String, String> environment, boolean splits) {
        this.instruction = instruction;
        this.environment = environment;
        this.splits = splits;
    }

    /**
     * The words between blanks; a value that has blanks is part of one word.
     *
     * @param instruction for error messages
     * @param environment before the instruction
     * @throws Failure.Invalid for a quote or brace without its end, and for a text that grows beyond bounds
     */
    static List<String> split(String instruction, String text, Map<String, String> environment) {
        var words = new Words(instruction, environment, true);
        words.read(text, 0);
        words.end();
        return words.words;
    }

    /** All of it as one word. */
    static String whole(String instruction, String text, Map<String, String> environment) {
        return whole(instruction, text, environment, 0);
    }

    private static String whole(String instruction, String text, Map<String, String> environment, int depth) {
        var words = new Words(instruction, environment, false);
        words.read(text, depth);
        return words.word.toString();
    }

    private void read(String text, int depth) {
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0 && c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                begun = true;
            } else if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
                add(text.substring(++i, i + 1));
            } else if (c == '$' && quote != '\'') {
                i = variable(text, i, depth);
            } else if (splits && quote == 0 && Character.isWhitespace(c)) {
                end();
            } else {
                add(text.substring(i, i + 1));
            }
        }
        if (quote != 0) {
            throw new Failure.Invalid(
                    instruction + ": unexpected end of statement while looking for matching quote in: " + shown(text));
        }
    }

    private void add(String text) {
        word.append(text);
        begun = true;
        if (word.length() > LONGEST) {
            throw new Failure.Invalid(instruction + ": a value has more than " + LONGEST + " characters");
        }
    }

    private void end() {
        if (begun) {
            words.add(word.toString());
        }
        word.setLength(0);
        begun = false;
    }

    /** Replaces what begins with the dollar sign at {@code at}; gives where it ends. */
    private int variable(String text, int at, int depth) {
        boolean braces = text.startsWith("{", at + 1);
        Matcher name = NAME.matcher(text).region(at + (braces ? 2 : 1), text.length());
        if (!name.lookingAt()) {
            if (braces) {
                throw bad(text);
            }
            add("$");
            return at;
        }
        String value = environment.getOrDefault(name.group(), "");
        if (!braces) {
            add(value);
            return name.end() - 1;
        }
        int end = closing(text, name.end());
        add(modified(value, text.substring(name.end(), end), text, depth));
        return end;
    }

    private String modified(String value, String modifier, String text, int depth) {
        if (modifier.isEmpty()) {
            return value;
        }
        boolean isSet = !value.isEmpty();
        boolean otherwise = modifier.startsWith(":-");
        if ((!otherwise && !modifier.startsWith(":+")) || depth == DEEPEST) {
            throw bad(text);
        }
        if (otherwise && isSet) {
            return value;
        }
        return otherwise || isSet ? whole(instruction, modifier.substring(2), environment, depth + 1) : "";
    }

    /** Where the brace that is open ends. */
    private int closing(String text, int from) {
        int open = 1;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '{') {
                open++;
            } else if (c == '}' && --open == 0) {
                return i;
            }
        }
        throw bad(text);
    }

    private Failure.Invalid bad(String text) {
        return new Failure.Invalid(instruction + ": failed to process \"" + shown(text)
                + "\": a variable is $NAME, ${NAME}, ${NAME:-word} or ${NAME:+word}");
    }

    private static String shown(String text) {
        return text.substring(0, Math.min(200, text.length()));
    }
}
