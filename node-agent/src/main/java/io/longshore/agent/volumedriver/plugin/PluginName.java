package io.longshore.agent.volumedriver.plugin;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a plugin is called: the name of its socket or file without the ending. A letter or digit, then letters, digits, underscores, dots
 * and hyphens, 128 at most, so that no name leads out of the directories that plugins are looked for in.
 */
record PluginName(String value) implements Comparable<PluginName> {
    private static final Pattern SYNTAX = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");

    /** Reads a name; empty for what no plugin can be called. */
    static Optional<PluginName> parse(String text) {
        return SYNTAX.matcher(text).matches() ? Optional.of(new PluginName(text)) : Optional.empty();
    }

    @Override
    public int compareTo(PluginName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
