package io.longshore.agent.stage.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The tests that are written in C. How long each fuzzer runs is {@code -Dfuzz.seconds}; a soak gives it hours. */
class NativeCodeIT {
    /** Of the program, of the protocol, of the log; one after the other. */
    private static final int FUZZERS = 3;

    @Test
    void theLogUnderSanitizers() throws Exception {
        assertThat(NativeCode.make(NativeCode.BUILD, "check")).contains("log: ok", "gate: ok");
    }

    /** Position independent, nothing writable that need not be after the start, no executable stack. */
    @Test
    void theBinaryIsHardened() throws Exception {
        Process readelf = new ProcessBuilder("readelf", "-hldW", "target/c/stage")
                .redirectErrorStream(true)
                .start();
        String elf = new String(readelf.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(elf)
                .containsPattern("Type: +DYN")
                .containsPattern("GNU_RELRO ")
                .containsPattern("GNU_STACK .* RW ")
                .containsPattern("FLAGS_1.* NOW .*PIE")
                .doesNotContainPattern("LOAD .* RWE ");
    }

    @Test
    void fuzzersFindNothing() throws Exception {
        assumeTrue(
                NativeCode.installed("clang") || Boolean.getBoolean("longshore.test.complete"),
                "clang is not installed, the fuzzers are skipped");
        int seconds = Integer.getInteger("fuzz.seconds", 12);
        String output =
                NativeCode.make(NativeCode.BUILD.plusSeconds((long) FUZZERS * seconds), "fuzz", "SECONDS=" + seconds);
        assertThat(output.split("number_of_executed_units", -1)).as(output).hasSize(FUZZERS + 1);
    }
}
