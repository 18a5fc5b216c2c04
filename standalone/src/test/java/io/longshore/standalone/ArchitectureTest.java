package io.longshore.standalone;

import io.longshore.platform.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void rulesAreKept() {
        ArchitectureRules.check("io.longshore.standalone");
    }

    @Test
    void ociKeepsTheRules() {
        ArchitectureRules.check("io.longshore.oci");
    }
}
