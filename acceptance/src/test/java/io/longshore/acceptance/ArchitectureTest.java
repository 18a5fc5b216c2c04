package io.longshore.acceptance;

import io.longshore.platform.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void testbedKeepsTheRules() {
        ArchitectureRules.check("io.longshore.testbed");
    }

    @Test
    void testsAreNullMarked() {
        ArchitectureRules.checkTests("io.longshore.acceptance");
    }
}
