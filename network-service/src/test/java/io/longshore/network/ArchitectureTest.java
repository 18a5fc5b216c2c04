package io.longshore.network;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.longshore.platform.ArchitectureRules;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.RestController;

@AnalyzeClasses(packages = "io.longshore.network", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @Test
    void rulesOfEveryModuleAreKept() {
        ArchitectureRules.check("io.longshore.network");
    }

    @ArchTest
    static final ArchRule CONTROLLERS_DO_NOT_TOUCH_THE_DATABASE = noClasses()
            .that()
            .areAnnotatedWith(RestController.class)
            .should()
            .dependOnClassesThat()
            .areAssignableTo(NetworkRepository.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(JdbcClient.class);

    @ArchTest
    static final ArchRule NO_FORBIDDEN_NAMES =
            noClasses().should().haveNameMatching(".*(Impl|Manager|Helper|Util|Utils|Base|Converter|Mapper)");

    @ArchTest
    static final ArchRule NO_FIELD_INJECTION = noFields().should().beAnnotatedWith(Autowired.class);

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
