package io.longshore.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.contracts.error.Failure;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Paths and modes as clients of the Engine API write and read them. */
class FilePathTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "/, /, /",
        "etc/passwd, /etc/passwd, passwd",
        "/etc/passwd, /etc/passwd, passwd",
        "//etc//./passwd, /etc/passwd, passwd",
        "/etc/, /etc/, etc",
        "/etc/., /etc/., .",
        "/etc/./, /etc/., .",
        "., /., .",
        "/., /., .",
        "../../etc, /etc, etc",
        "/a/link/../b, /a/b, b",
        "/a/.., /, /",
        "/a/b/../, /a/, a",
        "/a/..., /a/..., ...",
        "/a/.b, /a/.b, .b"
    })
    void readsAsDockerDoes(String text, String absolute, String name) {
        FilePath path = FilePath.parse(text);
        assertThat(path.absolute()).isEqualTo(absolute);
        assertThat(path.name()).isEqualTo(name);
    }

    @Test
    void partsJoin() {
        assertThat(FilePath.parse("/a/b").above()).isEqualTo("/a/");
        assertThat(FilePath.parse("/a").above()).isEqualTo("/");
        assertThat(FilePath.parse("/a").child("b")).isEqualTo("/a/b");
        assertThat(FilePath.parse("/").child("b")).isEqualTo("/b");
    }

    @Test
    void refuses() {
        for (String bad : new String[] {"", "a\0b", "x/".repeat(3000)}) {
            assertThatThrownBy(() -> FilePath.parse(bad))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("path");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "40755, 2147484141",
        "100644, 420",
        "120777, 134218239",
        "104755, 8389101",
        "41777, 2148532735",
        "20666, 69206454",
        "60660, 67109296",
        "10600, 33554816"
    })
    void modesAreGos(String octal, long expected) {
        int mode = Integer.parseInt(octal, 8);
        FileStatus status =
                new FileStatus(mode, 0, 0, 0, 0, 1, 0, 0, 0, Instant.EPOCH, Instant.EPOCH, Instant.EPOCH, 0);
        assertThat(status.type() & OpenFlags.S_IFMT).isEqualTo(status.type());
        assertThat(FileMode.of(status)).isEqualTo(expected);
    }
}
