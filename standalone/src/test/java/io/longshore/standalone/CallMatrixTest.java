package io.longshore.standalone;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.longshore.contracts.agent.AgentApi;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Who calls whom: the table of docs/architecture.md is the rule. Checked are the contracts' interfaces that a part's classes
 * name, its own aside, and the agent's verbs one by one. Not checked are requests that are no contract's: those that the
 * gateway passes on, and the streams at the agent's paths, whose constants leave no trace in bytecode.
 */
class CallMatrixTest {
    private static final Path PAGE = Path.of("../docs/architecture.md");

    /**
     * Asked by every part that has claims or events, by those who ask for them, and by every part for who it is itself; what each is about
     * is in its rows.
     */
    private static final Map<String, Set<String>> SHARED = Map.of(
            "claim", Set.of("container", "image", "volume", "network"),
            "event", Set.of("gateway", "platform"),
            "identity", Set.of("fleet", "platform"));

    private static final Map<String, Set<String>> AGENT_VERBS = Map.of(
            "container",
            Set.of(
                    "apply",
                    "signal",
                    "remove",
                    "update",
                    "pause",
                    "resize",
                    "createSession",
                    "startSession",
                    "observeSession",
                    "resizeSession",
                    "size",
                    "top",
                    "changes",
                    "highestEpoch",
                    "missingPaths",
                    "network"),
            "network",
            Set.of("createNetwork", "removeNetwork"),
            "volume",
            Set.of("createVolume", "removeVolume", "volumeSize", "pluginVolume", "pluginVolumes"),
            "image",
            Set.of("removeLayers", "heldLayers", "layers"));

    /** Changes nothing, so it is no command: image-service asks whether a container that uses an image runs. */
    private static final Set<String> AGENT_READS = Set.of("observe");

    private static JavaClasses classes;
    private static Map<String, Set<String>> matrix;

    @BeforeAll
    static void read() throws IOException {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.longshore");
        matrix = matrix(Files.readAllLines(PAGE));
    }

    @Test
    void theTableHasEveryPart() {
        assertThat(matrix.keySet())
                .containsExactlyInAnyOrder("gateway", "container", "image", "volume", "network", "agent");
        assertThat(matrix.get("gateway")).contains("access", "container").doesNotContain("agent");
        assertThat(matrix.get("agent")).containsExactly("fleet");
    }

    @Test
    void aPartNamesTheInterfacesOfThoseItMayCall() {
        for (String part : parts()) {
            Set<String> allowed = new HashSet<>(matrix.getOrDefault(part, Set.of()));
            allowed.add(part);
            SHARED.forEach((contract, users) -> {
                if (users.contains(part)) {
                    allowed.add(contract);
                }
            });
            noClasses()
                    .that()
                    .resideInAPackage("io.longshore." + part + "..")
                    .should()
                    .dependOnClassesThat(interfacesOutside(allowed))
                    .because(part + " may call " + new TreeSet<>(allowed) + " (" + PAGE + ")")
                    .check(classes);
        }
    }

    @Test
    void aPartKnowsNoOtherPartsCode() {
        for (String part : parts()) {
            String[] others = parts().stream()
                    .filter(other -> !other.equals(part) && !other.equals("platform"))
                    .map(other -> "io.longshore." + other + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("io.longshore." + part + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .check(classes);
        }
    }

    @Test
    void anAgentIsCommandedForAResourceByItsServiceOnly() {
        assertThat(Stream.concat(AGENT_VERBS.values().stream().flatMap(Set::stream), AGENT_READS.stream()))
                .as("every verb has an owner")
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(AgentApi.class.getMethods())
                        .map(Method::getName)
                        .toList());
        AGENT_VERBS.forEach((owner, verbs) -> noClasses()
                .that()
                .resideOutsideOfPackages("io.longshore." + owner + "..", "io.longshore.agent..")
                .should()
                .callMethodWhere(describe(
                        "commands an agent for " + owner,
                        call -> call.getTargetOwner().isAssignableTo(AgentApi.class) && verbs.contains(call.getName())))
                .check(classes));
    }

    private static List<String> parts() {
        return List.of("gateway", "access", "fleet", "image", "container", "volume", "network", "agent", "platform");
    }

    private static DescribedPredicate<JavaClass> interfacesOutside(Set<String> allowed) {
        return describe("are interfaces of contracts it may not call", type -> {
            String[] names = type.getPackageName().split("\\.");
            return type.getPackageName().startsWith("io.longshore.contracts.")
                    && type.getSimpleName().endsWith("Api")
                    && !allowed.contains(names[3]);
        });
    }

    /** Rows call columns. */
    private static Map<String, Set<String>> matrix(List<String> page) {
        List<List<String>> table = page.stream()
                .skip(page.indexOf("## Who calls whom"))
                .dropWhile(line -> !line.startsWith("|"))
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> Arrays.stream(line.split("\\|")).map(String::strip).toList())
                .toList();
        List<String> columns = table.getFirst();
        return table.stream()
                .skip(2)
                .collect(Collectors.toMap(
                        row -> row.get(1).replaceAll("^(api|node)-|-service$", ""),
                        row -> marked(row, columns),
                        (first, second) -> {
                            throw new AssertionError("two rows of one name");
                        },
                        TreeMap::new));
    }

    private static Set<String> marked(List<String> row, List<String> columns) {
        Set<String> marked = new TreeSet<>();
        for (int i = 2; i < row.size(); i++) {
            if (row.get(i).equals("●")) {
                marked.add(columns.get(i));
            }
        }
        return marked;
    }
}
