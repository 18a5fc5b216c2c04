package io.longshore.container;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.longshore.container.state.ContainerStore;
import io.longshore.platform.ArchitectureRules;
import org.junit.jupiter.api.Test;
import org.springframework.web.bind.annotation.RestController;

@AnalyzeClasses(packages = "io.longshore.container", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @Test
    void rulesOfEveryModuleAreKept() {
        ArchitectureRules.check("io.longshore.container");
    }

    @ArchTest
    static final ArchRule CONTROLLERS_DO_NOT_TOUCH_THE_DATABASE = noClasses()
            .that()
            .areAnnotatedWith(RestController.class)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ContainerStore.class);

    /** The call matrix: fleet, image, volume, network and the agents; nobody's code but contracts and platform. */
    @ArchTest
    static final ArchRule CALLS_ONLY_WHOM_IT_MAY = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.longshore.contracts.access..",
                    "io.longshore.gateway..",
                    "io.longshore.access..",
                    "io.longshore.fleet..",
                    "io.longshore.image..",
                    "io.longshore.volume..",
                    "io.longshore.network..",
                    "io.longshore.agent..");

    /** Requests are read, checked and resolved without any I/O. */
    @ArchTest
    static final ArchRule DECISIONS_ARE_PURE = noClasses()
            .that()
            .resideInAnyPackage("..container.request..", "..container.name..", "..container.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "java.sql..", "io.longshore.platform.client..");
}
