package io.longshore.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The agent's root tests on Debian's kernel with nothing but cgroup v2, and with AppArmor: each of them is one of these. */
class VmRootIT {
    private static final String OUTCOMES = "outcomes";

    @TempDir
    Path data;

    @TestFactory
    Stream<DynamicNode> theAgentsTests() throws IOException, InterruptedException {
        GuestTests tests = GuestTests.valueOf(System.getProperty("vm.tests", "SOME"));
        Machine machine = Machine.built(
                Path.of(System.getProperty("vm.sources", "")), Path.of(System.getProperty("vm.directory", "")));
        pack(tests.classes());
        byte[] answer = machine.run(data, OUTCOMES, tests.deadline());
        Map<String, List<Outcome>> outcomes = new String(answer, StandardCharsets.UTF_8)
                .lines()
                .map(line -> new JsonMapper().readValue(line, Outcome.class))
                .collect(Collectors.groupingBy(Outcome::container, LinkedHashMap::new, Collectors.toList()));
        assertThat(outcomes.keySet()).as("what ran, see " + machine.console()).containsAll(tests.classes());
        return outcomes.entrySet().stream()
                .map(entry -> dynamicContainer(
                        entry.getKey(),
                        entry.getValue().stream().map(outcome -> dynamicTest(outcome.test(), () -> repeat(outcome)))));
    }

    private static void repeat(Outcome outcome) {
        switch (outcome.end()) {
            case PASSED -> {}
            case SKIPPED -> Assumptions.abort(outcome.reason());
            case FAILED -> throw new AssertionError("in the machine: " + outcome.test() + "\n" + outcome.reason());
        }
    }

    /** This JVM's class path, jars and directories, and the arguments with which to run on it. */
    private void pack(List<String> classes) throws IOException {
        List<String> there = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path from = Path.of(entry);
            if (Files.exists(from)) {
                String name = there.size() + "-" + from.getFileName();
                copy(from, data.resolve(name));
                there.add("/data/" + name);
            }
        }
        List<String> arguments = new ArrayList<>(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx512m",
                "-cp",
                String.join(":", there),
                Guest.class.getName(),
                "/data/" + OUTCOMES));
        arguments.addAll(classes);
        Files.write(data.resolve("arguments"), arguments);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        }
    }
}
