package io.longshore.volume;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.longshore.platform.ArchitectureRules;
import org.junit.jupiter.api.Test;

@AnalyzeClasses(packages = "io.longshore.volume", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @Test
    void rulesOfEveryModuleAreKept() {
        ArchitectureRules.check("io.longshore.volume");
    }

    /** The call matrix: never back to container-service, and nobody's code but contracts and platform. */
    @ArchTest
    static final ArchRule CALLS_ONLY_WHOM_IT_MAY = noClasses()
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
}
