package io.longshore.network;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;
import io.longshore.platform.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    /** The call matrix: never back to container-service, and nobody's code but contracts and platform. */
    private static final ArchRule CALLS_ONLY_WHOM_IT_MAY = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.longshore.contracts.access..",
                    "io.longshore.contracts.container..",
                    "io.longshore.contracts.image..",
                    "io.longshore.gateway..",
                    "io.longshore.access..",
                    "io.longshore.fleet..",
                    "io.longshore.image..",
                    "io.longshore.container..");

    @Test
    void theRulesAreKept() {
        ArchitectureRules.check("io.longshore.network", CALLS_ONLY_WHOM_IT_MAY);
    }
}
