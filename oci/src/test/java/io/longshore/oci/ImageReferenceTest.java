package io.longshore.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
    private static final String HEX = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox, busybox",
        "busybox:1.36, docker.io/library/busybox:1.36, busybox:1.36",
        "library/busybox, docker.io/library/busybox, busybox",
        "docker.io/busybox:a, docker.io/library/busybox:a, busybox:a",
        "index.docker.io/u/app, docker.io/u/app, u/app",
        "u/app__x-y.z, docker.io/u/app__x-y.z, u/app__x-y.z",
        "localhost/app, localhost/app, localhost/app",
        "localhost:5000/a/b:t, localhost:5000/a/b:t, localhost:5000/a/b:t",
        "Registry/app, Registry/app, Registry/app",
        "[::1]:5000/app, [::1]:5000/app, [::1]:5000/app",
        "ghcr.io/o/app:V1.0_x, ghcr.io/o/app:V1.0_x, ghcr.io/o/app:V1.0_x",
    })
    void normalises(String text, String full, String familiar) {
        ImageReference reference = ImageReference.parse(text);
        assertThat(reference).hasToString(full);
        assertThat(reference.familiar()).isEqualTo(familiar);
        assertThat(ImageReference.parse(familiar)).isEqualTo(reference);
    }

    @Test
    void digestStandsBesideTheTag() {
        ImageReference reference = ImageReference.parse("app:1@sha256:" + HEX);
        assertThat(reference.tag()).isEqualTo("1");
        assertThat(reference.digest()).hasToString("sha256:" + HEX);
        assertThat(reference.withDefaultTag()).isEqualTo(reference);
        assertThat(ImageReference.parse("app").withDefaultTag().familiar()).isEqualTo("app:latest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "a:",
                "a:b:c",
                "a@",
                "a@sha256:12",
                "/a",
                "a/",
                "a//b",
                "-a",
                "a-",
                "a..b",
                "a___b",
                "a b",
                "a:-t",
                "a\nb",
                "docker.io/",
                "x.y:port/a",
                "a:ä",
                "[::1/a",
                "a/../b",
                "http://a/b",
                "a:tag@md5"
            })
    void malformedIsInvalid(String text) {
        assertThatThrownBy(() -> ImageReference.parse(text))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("invalid reference format");
    }

    @Test
    void messagesAreDockers() {
        assertThatThrownBy(() -> ImageReference.parse("busyBox:1"))
                .hasMessage("invalid reference format: repository name (busyBox) must be lowercase");
        assertThatThrownBy(() -> ImageReference.parse(HEX))
                .hasMessage("invalid repository name (" + HEX + "), cannot specify 64-byte hexadecimal strings");
        assertThatThrownBy(() -> ImageReference.parse("a".repeat(256)))
                .hasMessage("repository name must not be more than 255 characters");
        assertThatThrownBy(() -> ImageReference.parse("a@sha512:" + HEX + HEX))
                .hasMessage("unsupported digest algorithm: sha512");
        assertThatThrownBy(() -> ImageReference.parse("a".repeat(100_000) + "-".repeat(100_000)))
                .isInstanceOf(Failure.Invalid.class);
        assertThatThrownBy(() -> ImageReference.parse("a:" + "t".repeat(129))).hasMessage("invalid reference format");
    }
}
