package io.longshore.platform;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.data.repository.Repository;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RestController;

/** The rules of the project that a compiler does not know, for any module: each has a test that calls {@link #check}. */
public final class ArchitectureRules {
    private ArchitectureRules() {}

    /** Checks the classes below a package, without tests. */
    public static void check(String packageName) {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(packageName);
        if (classes.isEmpty()) {
            throw new AssertionError("no classes below " + packageName);
        }
        for (ArchRule rule : rules(packageName)) {
            rule.allowEmptyShould(true).check(classes);
        }
    }

    private static List<ArchRule> rules(String packageName) {
        return List.of(
                noClasses()
                        .that()
                        .areMetaAnnotatedWith(RestController.class)
                        .should()
                        .dependOnClassesThat()
                        .areAssignableTo(Repository.class)
                        .because("a controller parses, calls one method, answers"),
                fields().should()
                        .notBeAnnotatedWith(Autowired.class)
                        .andShould()
                        .notBeAnnotatedWith(Value.class)
                        .because("what an object needs, it gets in its constructor"),
                noClasses()
                        .should()
                        .haveNameMatching(".*(Impl|Manager|Helper|Util|Utils|Base)")
                        .because("such names say nothing"),
                noClasses()
                        .that()
                        .resideInAPackage("io.longshore.contracts..")
                        .should()
                        .beMetaAnnotatedWith(Component.class)
                        .because("contracts hold no beans"),
                noClasses()
                        .that()
                        .resideOutsideOfPackage("io.longshore.agent.linux.jna..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("com.sun.jna..")
                        .because("there is one door to the kernel"),
                slices().matching(packageName + ".(*)..")
                        .should()
                        .beFreeOfCycles()
                        .because("a part can be read alone"));
    }
}
