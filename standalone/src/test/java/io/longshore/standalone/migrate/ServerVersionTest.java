package io.longshore.standalone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerVersionTest {
    @ParameterizedTest
    @ValueSource(strings = {"150000", "150018", "160004", "180006", "1000000"})
    void fromFifteenOnItIsSupported(String number) {
        assertThatCode(() -> ServerVersion.parse(number).requireSupported()).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"149999, 14.9999", "140013, 14.13", "100023, 10.23", "90624, 9.6.24"})
    void anOlderOneIsRefusedByName(String number, String name) {
        assertThatThrownBy(() -> ServerVersion.parse(number).requireSupported())
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("the server is PostgreSQL " + name
                        + ", and Longshore needs 15 or later: upgrade it, or name another with --to");
    }

    @Test
    void whatIsNoNumberIsNoPostgres() {
        assertThatThrownBy(() -> ServerVersion.parse("CockroachDB"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("\"CockroachDB\"");
        assertThat(ServerVersion.parse(" 150018\n")).hasToString("15.18");
    }
}
