package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What LogConfig becomes in a container's specification. */
class LogOptionsTest {
    private static final String LABELS = "\"Labels\": {\"app\": \"web\", \"app.tier\": \"front\", \"other\": \"x\"}";

    private static ContainerSpec.Log log(String config, String type, String options) {
        return Samples.spec(Samples.complete(
                        Samples.request(
                                config, "\"LogConfig\": {\"Type\": \"" + type + "\", \"Config\": {" + options + "}}"),
                        Samples.image("{\"Cmd\": [\"sh\"], \"Env\": [\"PATH=/bin\", \"MODE=prod\"]}")))
                .log();
    }

    private static Map<String, String> attributes(String config, String options) {
        return log(config, "json-file", options).attributes();
    }

    @Test
    void fiveFilesOfTwentyMegabytesUnlessSaidOtherwise() {
        assertThat(log("", "", "")).isEqualTo(ContainerSpec.Log.plain("json-file", 20 << 20, 5));
        assertThat(log("", "local", "")).isEqualTo(new ContainerSpec.Log("local", 20 << 20, 5, true, Map.of()));
        assertThat(log("", "local", "\"compress\": \"false\", \"max-file\": \"1\""))
                .isEqualTo(ContainerSpec.Log.plain("local", 20 << 20, 1));
        assertThat(log("", "json-file", "\"compress\": \"true\", \"mode\": \"blocking\", \"max-file\": \"9\""))
                .isEqualTo(new ContainerSpec.Log("json-file", 20 << 20, 9, true, Map.of()));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "10k, 10000", "10m, 10000000", "1.5kb, 1500", "2 GiB, 2000000000", "1T, 1000000000000"})
    void sizesHaveUnitsOfAThousand(String text, long bytes) {
        assertThat(log("", "json-file", "\"max-size\": \"" + text + "\"").maxBytes())
                .isEqualTo(bytes);
    }

    @Test
    void noneTakesAnyOption() {
        assertThat(log("", "none", "\"colour\": \"x\", \"tag\": \"t\"").attributes())
                .isEmpty();
    }

    @Test
    void labelsAreChosenByNameAndExpression() {
        assertThat(attributes(LABELS, "\"labels\": \"other,nosuch,\"")).isEqualTo(Map.of("other", "x"));
        assertThat(attributes(LABELS, "\"labels-regex\": \"^app\""))
                .isEqualTo(Map.of("app", "web", "app.tier", "front"));
        assertThat(attributes(LABELS, "\"labels\": \"other\", \"labels-regex\": \"tier$\""))
                .isEqualTo(Map.of("other", "x", "app.tier", "front"));
    }

    @Test
    void variablesAreThoseOfTheConfiguration() {
        assertThat(attributes("\"Env\": [\"A=1=2\", \"B=\"]", "\"env\": \"A,B,MODE,HOSTNAME\""))
                .isEqualTo(Map.of("A", "1=2", "B", "", "MODE", "prod"));
        assertThat(attributes("\"Env\": [\"A=1\"]", "\"env-regex\": \"^[AM]\"")).containsOnlyKeys("A", "MODE");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain|plain",
                "{{.Name}}/{{ .ID }}|misty_capstan/a1a1a1a1a1a1",
                "{{.ImageName}} {{.ImageID}}|busybox sha256:b2b2b",
                "{{.ContainerName}} {{.Command}}|/misty_capstan sh",
                "{{.DaemonName}} $1 }}|docker $1 }}",
            })
    void theTagIsExpanded(String template, String tag) {
        assertThat(attributes("", "\"tag\": \"" + template + "\"")).isEqualTo(Map.of("tag", tag));
    }

    @Test
    void anEmptyTagIsNone() {
        assertThat(attributes("", "\"tag\": \"\"")).isEmpty();
    }

    @Test
    void whatGoesWithEveryLineIsBounded() {
        assertThatThrownBy(() -> attributes("\"Env\": [\"A=" + "x".repeat(4090) + "\"]", "\"env\": \"A\""))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("have 4097 bytes, at most 4096 can be");
    }

    private static String longLabels(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"" + "a".repeat(100) + i + "\": \"\"")
                .collect(Collectors.joining(", ", "\"Labels\": {", "}"));
    }

    /** Each of them never ends, or needs all memory, in an engine that goes back and forth. */
    @ParameterizedTest
    @ValueSource(strings = {"(a*)*b", ".*.*.*.*.*x", "(a|aa)+$x"})
    @Timeout(20)
    void anExpressionThatMatchesNothingSaysSoSoon(String expression) {
        assertThat(attributes(longLabels(1), "\"labels-regex\": \"" + expression + "\""))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?:(?:){2000000000}){2000000000}",
                "(((a{100}){100}){100}){100}",
                "((a{2,}){999}){999}",
                "(",
                "(?=a)"
            })
    @Timeout(20)
    void anExpressionThatIsNoneIsRefused(String expression) {
        assertThatThrownBy(() -> attributes(longLabels(1), "\"env-regex\": \"" + expression + "\""))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("log opt env-regex");
    }

    @Test
    void whatPeopleWriteIsNotTooMuch() {
        String uuid = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";
        assertThat(attributes(LABELS, "\"labels-regex\": \"" + uuid + "\"")).isEmpty();
    }

    @Test
    @Timeout(20)
    void workWithAnExpressionIsBounded() {
        assertThatThrownBy(() -> attributes(longLabels(1000), "\"labels-regex\": \"a{900}c\""))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("takes too long to match");
        assertThatThrownBy(() -> attributes("", "\"labels-regex\": \"" + "a".repeat(501) + "\""))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("has 501 characters, at most 500 can be");
    }
}
