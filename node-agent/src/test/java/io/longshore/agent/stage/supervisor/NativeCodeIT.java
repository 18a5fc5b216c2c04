package io.longshore.agent.stage.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

/** The tests that are written in C. How long each fuzzer runs is {@code -Dfuzz.seconds}; a soak gives it hours. */
class NativeCodeIT {
    @Test
    void theLogUnderSanitizers() throws Exception {
        assertThat(NativeCode.make("check")).contains("log: ok");
    }

    @Test
    void fuzzersFindNothing() throws Exception {
        assumeTrue(
                NativeCode.installed("clang") || Boolean.getBoolean("longshore.test.complete"),
                "clang is not installed, the fuzzers are skipped");
        String output = NativeCode.make("fuzz", "SECONDS=" + Integer.getInteger("fuzz.seconds", 20));
        assertThat(output.split("number_of_executed_units", -1)).as(output).hasSize(4);
    }
}
