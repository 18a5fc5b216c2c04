package io.longshore.agent.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LivesTest {
    @TempDir
    private Path directory;

    @Test
    void eachIsOneMore() throws IOException {
        Path file = directory.resolve("life");
        assertThat(Lives.begin(file)).isEqualTo(1);
        assertThat(Lives.begin(file)).isEqualTo(2);
        Files.writeString(file, "41\n");
        assertThat(Lives.begin(file)).isEqualTo(42);
        Files.writeString(file, "many");
        assertThatThrownBy(() -> Lives.begin(file))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageContaining(file.toString());
    }
}
