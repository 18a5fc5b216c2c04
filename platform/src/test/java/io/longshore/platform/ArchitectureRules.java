package io.longshore.platform;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.data.repository.Repository;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.RestController;

/** The rules of the project that a compiler does not know, for any module: each has a test that calls {@link #check}. */
public final class ArchitectureRules {
    private static final ArchRule NULL_MARKED =
            classes().should(beInANullMarkedPackage()).because("NullAway looks at no other");

    private ArchitectureRules() {}

    /** Checks the classes below a package, also against the module's own rules; of tests that their packages are null-marked. */
    public static void check(String packageName, ArchRule... own) {
        JavaClasses classes = checkTests(packageName).that(describe("are no tests", ArchitectureRules::isMain));
        if (classes.isEmpty()) {
            throw new AssertionError("no classes below " + packageName);
        }
        for (ArchRule rule : rules(packageName)) {
            rule.allowEmptyShould(true).check(classes);
        }
        for (ArchRule rule : own) {
            rule.check(classes);
        }
    }

    /** Checks that all packages below are null-marked, which is the rule for tests too, and gives their classes. */
    public static JavaClasses checkTests(String packageName) {
        JavaClasses all = new ClassFileImporter().importPackages(packageName);
        NULL_MARKED.check(all);
        return all;
    }

    private static boolean isMain(JavaClass type) {
        return type.getSource()
                .map(source -> ImportOption.Predefined.DO_NOT_INCLUDE_TESTS.includes(Location.of(source.getUri())))
                .orElse(true);
    }

    private static ArchCondition<JavaClass> beInANullMarkedPackage() {
        return new ArchCondition<>("be in a package that is @NullMarked") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                    events.add(SimpleConditionEvent.violated(
                            type, type.getName() + ": its package has no package-info.java with @NullMarked"));
                }
            }
        };
    }

    private static List<ArchRule> rules(String packageName) {
        return List.of(
                noClasses()
                        .that()
                        .areMetaAnnotatedWith(RestController.class)
                        .should()
                        .dependOnClassesThat()
                        .areAssignableTo(Repository.class)
                        .orShould()
                        .dependOnClassesThat()
                        .areMetaAnnotatedWith(org.springframework.stereotype.Repository.class)
                        .orShould()
                        .dependOnClassesThat()
                        .resideInAPackage("org.springframework.jdbc..")
                        .because("a controller parses, calls one method, answers"),
                fields().should()
                        .notBeAnnotatedWith(Autowired.class)
                        .andShould()
                        .notBeAnnotatedWith(Value.class)
                        .because("what an object needs, it gets in its constructor"),
                noClasses()
                        .should()
                        .haveNameMatching(".*(Impl|Manager|Helper|Util|Utils|Base|Converter|Mapper)")
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
