package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Keeps each case's transcript on Docker Engine and, when the same case has passed on Longshore with the same command, compares.
 * What is meant to differ is in {@link Differences}.
 */
final class SameAsDocker implements AfterTestExecutionCallback {
    private static final Map<String, String> ORACLE = new ConcurrentHashMap<>();

    @Override
    public void afterTestExecution(ExtensionContext context) {
        CliCases cases = (CliCases) context.getRequiredTestInstance();
        if (context.getExecutionException().isPresent()) {
            return;
        }
        String name = context.getRequiredTestClass().getSimpleName() + "."
                + context.getRequiredTestMethod().getName();
        String key = name + " " + cases.subject.cli();
        String transcript = cases.docker.transcript().toString();
        if (!cases.subject.longshore()) {
            ORACLE.put(key, transcript);
            return;
        }
        String expected = ORACLE.get(key);
        if (expected != null && !Differences.meant(name)) {
            assertThat(transcript)
                    .as("%s: the same answers as Docker Engine", name)
                    .isEqualTo(expected);
        }
    }
}
