package io.longshore.acceptance;

import io.longshore.platform.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void rulesAreKept() {
        ArchitectureRules.check("io.longshore.acceptance");
    }
}
