package io.longshore.platform;

import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void platformKeepsTheRules() {
        ArchitectureRules.check("io.longshore.platform");
    }

    @Test
    void contractsKeepTheRules() {
        ArchitectureRules.check("io.longshore.contracts");
    }

    @Test
    void embeddedPostgresKeepsTheRules() {
        ArchitectureRules.check("io.longshore.postgres");
    }
}
