package io.longshore.image.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.container.Healthcheck;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.image.ImageConfig;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstructionsTest {
    @Test
    void everyInstructionHasItsPlace() {
        ImageConfig config = Instructions.apply(List.of(
                "cmd [\"a\", \"b c\"]",
                "ENTRYPOINT echo $HOME",
                "ENV A=1 B=\"two words\" C='$x' D=a\\ b",
                "ENV OLD form of it",
                "LABEL \"a b\"=c",
                "EXPOSE 80 443/udp 8000-8002",
                "VOLUME [\"/data\", \"/more\"]\nVOLUME /a /b",
                "WORKDIR /srv",
                "WORKDIR app",
                "USER nobody:nogroup",
                "STOPSIGNAL SIGINT",
                "ONBUILD RUN x",
                "HEALTHCHECK NONE"));
        assertThat(config.command()).containsExactly("a", "b c");
        assertThat(config.entrypoint()).containsExactly("/bin/sh", "-c", "echo $HOME");
        assertThat(config.env()).containsExactly("A=1", "B=two words", "C=$x", "D=a b", "OLD=form of it");
        assertThat(config.labels()).isEqualTo(Map.of("a b", "c"));
        assertThat(config.exposedPorts()).containsOnlyKeys("80/tcp", "443/udp", "8000/tcp", "8001/tcp", "8002/tcp");
        assertThat(config.volumes()).containsOnlyKeys("/data", "/more", "/a", "/b");
        assertThat(config.workingDir()).isEqualTo("/srv/app");
        assertThat(config.user()).isEqualTo("nobody:nogroup");
        assertThat(config.stopSignal()).isEqualTo("SIGINT");
        assertThat(config.onBuild()).containsExactly("RUN x");
        assertThat(config.healthcheck()).isNotNull();
        assertThat(config.healthcheck().test()).containsExactly("NONE");
    }

    @Test
    void variablesAreReplacedByWhatTheyWereBefore() {
        ImageConfig config = Instructions.apply(List.of(
                "ENV A=one",
                "ENV A=two B=$A C='$A' D=\"<${A}>\" E=\\$A F=${none:-x$A} G=${A:+yes} H=${none:+no} I=a$ J=${A:-${none:-z}}",
                "LABEL l=$A OLD=1",
                "ENV K the \"value of\" $B",
                "EXPOSE ${PORT:-80}",
                "VOLUME [\"/$A\"]",
                "WORKDIR /srv/$B",
                "USER $A",
                "CMD echo $A"));
        assertThat(config.env())
                .containsExactly(
                        "A=two",
                        "B=one",
                        "C=$A",
                        "D=<one>",
                        "E=$A",
                        "F=xone",
                        "G=yes",
                        "H=",
                        "I=a$",
                        "J=one",
                        "K=the value of one");
        assertThat(config.labels()).containsEntry("l", "two");
        assertThat(config.exposedPorts()).containsOnlyKeys("80/tcp");
        assertThat(config.volumes()).containsOnlyKeys("/two");
        assertThat(config.workingDir()).isEqualTo("/srv/one");
        assertThat(config.user()).isEqualTo("two");
        assertThat(config.command()).containsExactly("/bin/sh", "-c", "echo $A");
    }

    @Test
    void aVariableThatDoublesIsRefusedInTime() {
        List<String> changes = Stream.concat(
                        Stream.of("ENV A=" + "x".repeat(100)), Collections.nCopies(60, "ENV A=$A$A").stream())
                .toList();
        assertThatThrownBy(() -> Instructions.apply(changes))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("more than 65536 characters");
        String deep = "${n:-".repeat(5000) + "}".repeat(5000);
        assertThatThrownBy(() -> Instructions.apply(List.of("ENV A=" + deep))).isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void healthChecks() {
        var check = Instructions.apply(
                        List.of(
                                "HEALTHCHECK --interval=1m30s --timeout=1.5s --retries=2 --start-period=0 --start-interval=500ms CMD curl -f x || exit 1"))
                .healthcheck();
        assertThat(check)
                .isEqualTo(new Healthcheck(
                        List.of("CMD-SHELL", "curl -f x || exit 1"),
                        90_000_000_000L,
                        1_500_000_000L,
                        2,
                        0L,
                        500_000_000L));
        assertThat(Instructions.apply(List.of("HEALTHCHECK CMD [\"a\", \"b c\"]"))
                        .healthcheck())
                .isEqualTo(new Healthcheck(List.of("CMD", "a", "b c"), null, null, null, null, null));
    }

    @Test
    void nothingIsNothing() {
        assertThat(Instructions.apply(List.of("", "  \n"))).hasAllNullFieldsOrProperties();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "RUN x | RUN is not a valid change command",
                "CMD | CMD requires at least one argument",
                "ENV A | ENV must have two arguments",
                "ENV A=1 B | can't find = in \"B\"",
                "LABEL a=\"b | unexpected end of statement",
                "EXPOSE eighty | invalid containerPort: eighty",
                "EXPOSE 82-80 | invalid containerPort: 82-80",
                "EXPOSE 70000 | invalid containerPort: 70000",
                "EXPOSE 0 | invalid containerPort: 0",
                "STOPSIGNAL SIGNONE | invalid signal: SIGNONE",
                "STOPSIGNAL 65 | invalid signal: 65",
                "HEALTHCHECK --often=1s CMD true | unknown flag: --often",
                "HEALTHCHECK --interval=1s | missing command after HEALTHCHECK",
                "HEALTHCHECK CMD | missing command after HEALTHCHECK CMD",
                "HEALTHCHECK EXEC true | unknown type",
                "HEALTHCHECK NONE now | takes no arguments",
                "HEALTHCHECK --interval=fast CMD true | --interval: invalid duration",
                "HEALTHCHECK --timeout=1us CMD true | cannot be less than 1ms",
                "HEALTHCHECK --retries=-1 CMD true | --retries must be a number",
                "USER ${A | failed to process",
                "USER ${A:?x} | failed to process",
                "USER $none | USER is empty"
            })
    void malformedIsInvalid(String line, String message) {
        assertThatThrownBy(() -> Instructions.apply(List.of(line)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(message);
    }
}
