package io.longshore.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.registry.RegistryAccess;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class RegistryPropertiesTest {
    private static RegistryAccess access(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate(
                        "image.registry",
                        Bindable.of(RegistryProperties.class),
                        new NoUnboundElementsBindHandler(BindHandler.DEFAULT))
                .access();
    }

    @Test
    void defaults() {
        assertThat(access(Map.of()))
                .isEqualTo(new RegistryAccess(List.of(), List.of(), List.of(), "/etc/docker/certs.d", 30));
    }

    @Test
    void everyKey() {
        assertThat(access(Map.of(
                        "image.registry.insecure", "10.0.0.1:5000,plain.example,10.0.0.0/8,fd00::/8",
                        "image.registry.mirrors", "https://mirror.example,http://10.0.0.2:5000/",
                        "image.registry.trusted", "tokens.example",
                        "image.registry.certificates", "/srv/certs",
                        "image.registry.idle", "2m")))
                .isEqualTo(new RegistryAccess(
                        List.of("10.0.0.1:5000", "plain.example", "10.0.0.0/8", "fd00::/8"),
                        List.of("https://mirror.example", "http://10.0.0.2:5000/"),
                        List.of("tokens.example"),
                        "/srv/certs",
                        120));
    }

    @Test
    void refusalsSayWhichKeyAndValue() {
        refused("mirrors", "ftp://mirror.example");
        refused("mirrors", "mirror.example");
        refused("mirrors", "https://user:secret@mirror.example");
        refused("mirrors", "https://mirror.example/path");
        refused("insecure", "docker.io");
        refused("insecure", "registry-1.docker.io");
        refused("certificates", "certs.d");
        refused("idle", "500ms");
        refused("idle", "11m");
        assertThatThrownBy(() -> access(Map.of("image.registry.insecur", "x")))
                .rootCause()
                .hasMessageContaining("image.registry.insecur");
    }

    @Test
    void whatIsNeitherHostNorBlockIsNamed() {
        for (String wrong : List.of("https://plain.example", "10.0.0.0/33", "plain_example")) {
            assertThatThrownBy(() -> access(Map.of("image.registry.insecure", "right.example," + wrong)))
                    .hasStackTraceContaining("image.registry.insecure: \"" + wrong + "\" is neither a host");
        }
    }

    private static void refused(String key, String value) {
        assertThatThrownBy(() -> access(Map.of("image.registry." + key, value)))
                .rootCause()
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("image.registry." + key);
    }
}
