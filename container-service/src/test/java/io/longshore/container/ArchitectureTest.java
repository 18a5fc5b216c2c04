package io.longshore.container;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;
import io.longshore.container.state.ContainerStore;
import io.longshore.platform.ArchitectureRules;
import org.junit.jupiter.api.Test;
import org.springframework.web.bind.annotation.RestController;

class ArchitectureTest {
    private static final ArchRule CONTROLLERS_DO_NOT_TOUCH_THE_DATABASE = noClasses()
            .that()
            .areAnnotatedWith(RestController.class)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(ContainerStore.class);

    /** The call matrix: fleet, image, volume, network and the agents; nobody's code but contracts and platform. */
    private static final ArchRule CALLS_ONLY_WHOM_IT_MAY = noClasses()
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
    private static final ArchRule DECISIONS_ARE_PURE = noClasses()
            .that()
            .resideInAnyPackage("..container.request..", "..container.name..", "..container.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.springframework..", "java.sql..", "io.longshore.platform.client..");

    @Test
    void theRulesAreKept() {
        ArchitectureRules.check(
                "io.longshore.container",
                CONTROLLERS_DO_NOT_TOUCH_THE_DATABASE,
                CALLS_ONLY_WHOM_IT_MAY,
                DECISIONS_ARE_PURE);
    }
}
