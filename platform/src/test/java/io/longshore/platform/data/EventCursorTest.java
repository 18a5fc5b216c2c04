package io.longshore.platform.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventCursorTest {
    @Test
    void readsWhatItWrites() {
        assertThat(EventCursor.parse("745:12"))
                .isEqualTo(new EventCursor(745, 12))
                .hasToString("745:12");
    }

    @Test
    void transactionCountsBeforeSequence() {
        assertThat(new EventCursor(7, 90)).isLessThan(new EventCursor(8, 1));
        assertThat(new EventCursor(8, 1)).isLessThan(new EventCursor(8, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "7:", ":7", "-1:2", "7:8:9", "7:x", "1234567890123456789:1", " 7:8"})
    void otherTextIsRefused(String text) {
        assertThatThrownBy(() -> EventCursor.parse(text))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("\"" + text + "\"");
    }
}
