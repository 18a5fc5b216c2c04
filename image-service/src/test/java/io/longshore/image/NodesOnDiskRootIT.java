package io.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.image.ImageClaim;
import io.longshore.contracts.image.ImagePlace;
import io.longshore.oci.fixture.TestImage;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents that keep layers on disk: what the other node gets is what the first one has, file by file. */
class NodesOnDiskRootIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String PROJECT = "Two Nodes";

    @TempDir
    Path directory;

    /** All files of a node's layers with kind, owner, mode and content, but for the short names that each node gives its layers by chance. */
    private Map<String, String> layers(String node) {
        Path root = directory.resolve("work-" + node + "/overlay2");
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.toList()) {
                files.put(root.relativize(file).toString(), told(file));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return files;
    }

    private static String told(Path file) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(file, "unix:mode,uid,gid", LinkOption.NOFOLLOW_LINKS);
        boolean hasContent = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && !file.endsWith("link");
        String content = hasContent ? Files.readString(file) : "";
        return new TreeMap<>(attributes) + " " + content;
    }

    @Test
    void theLayersOfBothNodesAreTheSameAndGoFromBoth() throws IOException {
        try (DebianRegistry registry =
                        DebianRegistry.start(directory.resolve("registry"), DebianRegistry.Options.OPEN, null);
                TwoNodes world = TwoNodes.start(
                        directory,
                        Map.of("image.system-registry.address", registry.host(), "agent.drivers.graph", "native"))) {
            Engine engine = world.engine(PROJECT);
            Map<String, String> empty = layers("b");
            TestImage image = new TestImage()
                    .layer(new TestLayer().file("etc/motd", "welcome\n"))
                    .layer(new TestLayer().file("etc/hosts", "127.0.0.1 localhost\n"))
                    .named("disk:1");
            engine.post("/images/load", image.archive()).is(200);
            Owner owner = new Owner(ContainerId.random(), 1);
            assertThat(world.claims()
                            .claim(engine.caller(), new ImageClaim(owner, "disk:1"))
                            .movable())
                    .isTrue();
            assertThat(layers("b")).isEqualTo(empty);
            world.claims().place(engine.caller(), new ImagePlace(owner, world.id("b")));
            assertThat(world.held("b", engine, image)).hasSize(2);
            assertThat(layers("b").values().stream().sorted())
                    .containsExactlyElementsOf(
                            layers("a").values().stream().sorted().toList())
                    .anyMatch(file -> file.endsWith(" welcome\n"));
            world.claims().release(engine.caller(), List.of(owner));
            engine.delete("/images/disk:1").is(200);
            assertThat(Await.until(SOON, () -> layers("b").equals(empty)))
                    .as("files of layers are left: %s", layers("b"))
                    .isTrue();
        }
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(directory.toString());
    }
}
