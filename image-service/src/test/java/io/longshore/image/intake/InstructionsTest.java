package io.longshore.image.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.image.ImageConfig;
import java.util.List;
import java.util.Map;
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
                "HEALTHCHECK CMD true | can only be changed to NONE"
            })
    void malformedIsInvalid(String line, String message) {
        assertThatThrownBy(() -> Instructions.apply(List.of(line)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(message);
    }
}
