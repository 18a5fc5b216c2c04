package io.longshore.agent.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RawPathTest {
    @Test
    void anyBytesSurvive() {
        var random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            byte[] bytes = new byte[random.nextInt(20)];
            random.nextBytes(bytes);
            assertThat(RawPath.bytes(RawPath.of(bytes))).isEqualTo(bytes);
        }
        byte[] cut = {'a', (byte) 0xe2, (byte) 0x82};
        assertThat(RawPath.bytes(RawPath.of(cut))).isEqualTo(cut);
    }

    @Test
    void textIsUtf8() {
        assertThat(RawPath.bytes("é€😀")).isEqualTo("é€😀".getBytes(StandardCharsets.UTF_8));
        assertThat(RawPath.of("é€😀".getBytes(StandardCharsets.UTF_8))).isEqualTo("é€😀");
        assertThat(Arrays.equals(RawPath.cString("ab"), new byte[] {'a', 'b', 0}))
                .isTrue();
        assertThatThrownBy(() -> RawPath.cString("a\0b")).hasMessageContaining("a?b");
    }
}
