package io.longshore.access;

import io.longshore.platform.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void rulesAreKept() {
        ArchitectureRules.check("io.longshore.access");
    }
}
