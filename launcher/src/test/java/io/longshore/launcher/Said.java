package io.longshore.launcher;

import static org.assertj.core.api.Assertions.assertThat;

/** What a line of a shell left: its exit status and what it wrote. The checks return this, so that they chain. */
record Said(String line, int status, String out, String err) {

    /** Exit status 0. */
    Said ok() {
        assertThat(status).as("exit status of %s", this).isZero();
        return this;
    }

    Said prints(String... parts) {
        assertThat(out).as("output of %s", this).contains(parts);
        return this;
    }

    /** Output without surrounding space, exactly. */
    Said printsOnly(String expected) {
        assertThat(out.strip()).as("output of %s", this).isEqualTo(expected);
        return this;
    }

    /**
     * The launcher's way to refuse: exit status 1 and one line, which starts with its name, has these parts and shows nothing of the
     * inside.
     */
    Said refuses(String... parts) {
        assertThat(status).as("exit status of %s", this).isEqualTo(1);
        assertThat(out + err).as("refusal of %s", this).doesNotContain("Exception", "\tat ", "java.");
        assertThat(err.lines().toList()).as("refusal of %s", this).hasSize(1);
        assertThat(err).as("refusal of %s", this).startsWith("longshore: ").contains(parts);
        return this;
    }

    @Override
    public String toString() {
        return "'" + line + "' (exit status " + status + ")\n--- output\n" + out + "--- errors\n" + err + "---\n";
    }
}
