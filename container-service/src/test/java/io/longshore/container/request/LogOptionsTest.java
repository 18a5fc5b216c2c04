package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @Test
    void anExpressionThatGoesBackAndForthIsGivenUp() {
        String label = "\"Labels\": {\"" + "a".repeat(60) + "\": \"\"}";
        assertThatThrownBy(() -> attributes(label, "\"labels-regex\": \".*.*.*.*.*x\""))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("takes too long to match");
    }
}
