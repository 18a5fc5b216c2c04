package io.longshore.vm;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import tools.jackson.databind.json.JsonMapper;

/** What the machine runs: the classes named, one after the other. Writes outcomes to a file and tells the console of each. */
final class Guest implements TestExecutionListener {
    private static final PrintStream CONSOLE = System.out;

    private final Writer outcomes;
    private final JsonMapper json = new JsonMapper();
    private final Map<String, Long> begun = new ConcurrentHashMap<>();

    private Guest(Writer outcomes) {
        this.outcomes = outcomes;
    }

    /** The file for the outcomes, then the names of the classes. */
    public static void main(String... arguments) throws IOException {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(Arrays.stream(arguments)
                        .skip(1)
                        .map(name -> selectClass(name))
                        .toList())
                // Of one test; what hangs must not cost the others their turn.
                .configurationParameter("junit.jupiter.execution.timeout.default", "90 s")
                .build();
        try (Writer outcomes = Files.newBufferedWriter(Path.of(arguments[0]))) {
            LauncherFactory.create().execute(request, new Guest(outcomes));
        }
        // Whatever threads tests have left.
        System.exit(0);
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        begun.put(test.getUniqueId(), System.nanoTime());
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        tell(test, Outcome.End.SKIPPED, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        Outcome.End end = switch (result.getStatus()) {
            case SUCCESSFUL -> Outcome.End.PASSED;
            case ABORTED -> Outcome.End.SKIPPED;
            case FAILED -> Outcome.End.FAILED;
        };
        if (test.isTest() || end != Outcome.End.PASSED) {
            tell(
                    test,
                    end,
                    result.getThrowable().map(thrown -> words(end, thrown)).orElse(""));
        }
    }

    private static String words(Outcome.End end, Throwable thrown) {
        if (end == Outcome.End.SKIPPED) {
            return String.valueOf(thrown.getMessage());
        }
        var trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }

    private void tell(TestIdentifier test, Outcome.End end, String reason) {
        long began = begun.getOrDefault(test.getUniqueId(), System.nanoTime());
        var outcome = new Outcome(
                container(test), test.getDisplayName(), end, reason, (System.nanoTime() - began) / 1_000_000);
        CONSOLE.printf("%-7s %6d ms %s %s%n", end, outcome.millis(), outcome.container(), outcome.test());
        if (!reason.isEmpty()) {
            CONSOLE.println(reason);
        }
        try {
            outcomes.write(json.writeValueAsString(outcome) + "\n");
            outcomes.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The class that is run, which may have the method from another. */
    private static String container(TestIdentifier test) {
        return test.getUniqueIdObject().getSegments().stream()
                .filter(segment -> segment.getType().equals("class"))
                .map(segment -> segment.getValue())
                .findFirst()
                .orElse("JUnit");
    }
}
