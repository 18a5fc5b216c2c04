package io.longshore.acceptance.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * Cases that are one session of an SDK each, which prints what it sees: in every form it must be what is in the session's file, which
 * is what Docker Engine's session printed.
 */
abstract class SdkCases extends ClientCases {
    static final Duration SESSION = Duration.ofMinutes(3);

    /** With the image {@code tools:1}. */
    @SuppressWarnings("NullAway.Init")
    DebianRegistry registry;

    @BeforeEach
    void startRegistry() throws IOException {
        registry = DebianRegistry.start(home.resolve("registry"), DebianRegistry.Options.OPEN, engine.neighbour());
        byte[] second = new TarArchive().file("second", "from a registry\n").bytes();
        registry.put(
                new SavedImage(List.of("tools:1"), Map.of("Cmd", List.of("true")), List.of(Busybox.layer(), second)),
                "tools:1");
    }

    @AfterEach
    void stopRegistry() {
        if (registry != null) {
            registry.close();
        }
    }

    /** Compares with what is in {@code clients/NAME}. */
    static void same(String said, String name) throws IOException {
        assertThat(said.lines())
                .as("what a session prints")
                .containsExactlyElementsOf(resource(name).lines().toList());
    }

    static String resource(String name) throws IOException {
        try (InputStream file = SdkCases.class.getResourceAsStream("/clients/" + name)) {
            assertThat(file).as("clients/%s", name).isNotNull();
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
