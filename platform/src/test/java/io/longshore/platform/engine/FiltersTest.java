package io.longshore.platform.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiltersTest {
    @ParameterizedTest
    @ValueSource(strings = {"{\"label\":[\"a=b\",\"c\"]}", "{\"label\":{\"a=b\":true,\"c\":true,\"d\":false}}"})
    void bothForms(String text) {
        assertThat(Filters.parse(text, Set.of("label")).of("label")).containsExactly("a=b", "c");
    }

    @Test
    void unknownKeyIsNamed() {
        assertThatThrownBy(() -> Filters.parse("{\"colour\":[\"red\"]}", Set.of("label")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("invalid filter 'colour'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "[]", "{\"label\":3}", "{\"label\":[3]}", "{\"label\":{\"a\":\"b\"}}"})
    void whatIsNoFilterIsRefused(String text) {
        assertThatThrownBy(() -> Filters.parse(text, Set.of("label"))).isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void labels() {
        Map<String, String> labels = Map.of("a", "1", "b", "");
        assertThat(LabelFilter.hasAll(labels, java.util.List.of("a=1", "b"))).isTrue();
        assertThat(LabelFilter.hasAll(labels, java.util.List.of("a=2"))).isFalse();
        assertThat(LabelFilter.hasNone(labels, java.util.List.of("c", "a=2"))).isTrue();
        assertThat(LabelFilter.hasNone(labels, java.util.List.of("b"))).isFalse();
    }
}
