package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/**
 * What a command left: its exit code and what it wrote. The checks return this, so that they chain; each failure shows the whole.
 */
record Outcome(String command, int code, String out, String err) {

    Outcome exits(int expected) {
        assertThat(code).as("exit code of %s", this).isEqualTo(expected);
        return this;
    }

    /** Exit code 0. */
    Outcome ok() {
        return exits(0);
    }

    /** Standard output, exactly. */
    Outcome prints(String expected) {
        assertThat(out).as("output of %s", this).isEqualTo(expected);
        return this;
    }

    Outcome printsPart(String... parts) {
        assertThat(out).as("output of %s", this).contains(parts);
        return this;
    }

    Outcome printsNone(String... parts) {
        assertThat(out).as("output of %s", this).doesNotContain(parts);
        return this;
    }

    Outcome printsMatch(String pattern) {
        assertThat(out).as("output of %s", this).containsPattern(pattern);
        return this;
    }

    /** Standard error has each of the parts. */
    Outcome says(String... parts) {
        assertThat(err).as("errors of %s", this).contains(parts);
        return this;
    }

    /** Standard error matches somewhere. */
    Outcome saysMatch(String pattern) {
        assertThat(err).as("errors of %s", this).containsPattern(pattern);
        return this;
    }

    Outcome saysNothing() {
        assertThat(err).as("errors of %s", this).isEmpty();
        return this;
    }

    /** Output without surrounding space. */
    String text() {
        return out.strip();
    }

    List<String> lines() {
        return out.lines().toList();
    }

    @Override
    public String toString() {
        return "'docker " + command + "' (exit " + code + ")\n--- output\n" + out + "--- errors\n" + err + "---\n";
    }
}
