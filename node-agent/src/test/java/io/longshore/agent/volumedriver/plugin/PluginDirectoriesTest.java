package io.longshore.agent.volumedriver.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginDirectoriesTest {
    @TempDir
    private Path root;

    private final List<ServerSocketChannel> open = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private PluginDirectories directories;

    @BeforeEach
    void make() throws IOException {
        Path sockets = Files.createDirectory(root.resolve("sockets"));
        Path etc = Files.createDirectory(root.resolve("etc"));
        directories = new PluginDirectories(sockets, List.of(etc, root.resolve("nowhere")));
    }

    @AfterEach
    void close() throws IOException {
        for (ServerSocketChannel one : open) {
            one.close();
        }
    }

    private Path listen(String name) throws IOException {
        Path socket = root.resolve(name);
        Files.createDirectories(socket.resolve("..").normalize());
        open.add(ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket)));
        return socket;
    }

    private Optional<Path> socket(String name) {
        return directories.socket(PluginName.parse(name).orElseThrow());
    }

    private List<String> names() {
        return directories.names().stream().map(PluginName::value).toList();
    }

    @Test
    void socketsAndDescriptionsAreFound() throws IOException {
        Path flat = listen("sockets/flat.sock");
        Path own = listen("sockets/own/own.sock");
        Path far = listen("far.sock");
        Files.writeString(root.resolve("etc/plain.spec"), "unix://" + far + "\n");
        Files.writeString(root.resolve("etc/json.json"), "{\"Name\": \"json\", \"Addr\": \"unix://" + far + "\"}");
        assertThat(socket("flat")).contains(flat);
        assertThat(socket("own")).contains(own);
        assertThat(socket("plain")).contains(far);
        assertThat(socket("json")).contains(far);
        assertThat(socket("nosuch")).isEmpty();
        assertThat(names()).containsExactly("flat", "json", "own", "plain");
    }

    @Test
    void whatIsNoSocketAndWhatIsALinkIsNoPlugin() throws IOException {
        Path real = listen("real.sock");
        Files.writeString(root.resolve("sockets/file.sock"), "");
        Files.createSymbolicLink(root.resolve("sockets/link.sock"), real);
        listen("elsewhere/linked/linked.sock");
        Files.createSymbolicLink(root.resolve("sockets/linked"), root.resolve("elsewhere/linked"));
        Files.writeString(root.resolve("spec"), "unix://" + real);
        Files.createSymbolicLink(root.resolve("etc/lead.spec"), root.resolve("spec"));
        for (String name : List.of("file", "link", "linked", "lead")) {
            assertThat(socket(name)).as(name).isEmpty();
        }
    }

    @Test
    void whereOthersMayWriteNothingIsFound() throws IOException {
        listen("sockets/flat.sock");
        Files.setPosixFilePermissions(root.resolve("sockets"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(socket("flat")).isEmpty();
        assertThat(names()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://127.0.0.1:8080",
                "http://example.org",
                "",
                "unix://relative.sock",
                "unix:///tmp/../etc/x.sock",
                "unix:///tmp/a\0b"
            })
    void descriptionsThatLeadNowhereAreNamed(String address) throws IOException {
        Path spec = Files.writeString(root.resolve("etc/odd.spec"), address);
        assertThatThrownBy(() -> socket("odd"))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(spec.toString());
    }

    @Test
    void descriptionsOfWhatDoesNotRunOrIsTooLarge() throws IOException {
        Files.writeString(root.resolve("etc/gone.spec"), "unix://" + root.resolve("gone.sock"));
        assertThatThrownBy(() -> socket("gone"))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("is the plugin running?");
        Files.writeString(root.resolve("etc/large.spec"), "x".repeat(100_000));
        assertThatThrownBy(() -> socket("large")).isInstanceOf(Failure.TooLarge.class);
        Files.writeString(root.resolve("etc/broken.json"), "{");
        assertThatThrownBy(() -> socket("broken")).isInstanceOf(Failure.Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../x", "a/b", "/etc/passwd", ".hidden", "-x", "a b", "a\0b", "a:b"})
    void namesThatCouldLeadElsewhereAreNone(String name) {
        assertThat(PluginName.parse(name)).isEmpty();
    }

    @Test
    void noMoreAreLookedAtThanANodeHas() throws IOException {
        for (int i = 0; i < 100; i++) {
            Files.writeString(root.resolve("etc/p" + i + ".spec"), "");
        }
        assertThat(names()).hasSize(64);
    }
}
