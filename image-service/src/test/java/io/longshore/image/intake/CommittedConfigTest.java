package io.longshore.image.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ImageCommit;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.oci.manifest.ImageConfiguration;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The image that a commit makes, from what the client, the container and the image under it say. */
class CommittedConfigTest {
    private static final Digest ONE = Digest.of(new byte[] {1});
    private static final Digest TWO = Digest.of(new byte[] {2});
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final ImageConfig CONTAINER = new ImageConfig(
            "daemon",
            Map.of("80/tcp", Map.of()),
            List.of("PATH=/bin", "A=1"),
            null,
            List.of("sh", "-c", "true"),
            null,
            "/srv",
            Map.of("l", "v"),
            "SIGINT",
            null,
            null,
            null,
            null);

    private static final ImageConfiguration PARENT = ImageConfiguration.parse(
            "parent",
            ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"history\":[{\"created_by\":\"base\",\"created\":\"2020-01-01T00:00:00Z\"}],"
                            + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + ONE + "\"]}}")
                    .getBytes(StandardCharsets.UTF_8));

    private static ImageCommit commit(@Nullable ImageConfig wanted, List<String> changes, Digest... diffIds) {
        return named("", "", wanted, changes, diffIds);
    }

    private static ImageCommit named(
            String repository, String tag, @Nullable ImageConfig wanted, List<String> changes, Digest... diffIds) {
        List<LoadedLayer> layers = List.of(diffIds).stream()
                .map(diffId -> new LoadedLayer(diffId, diffId, 1))
                .toList();
        return new ImageCommit(
                ContainerId.random(), ONE, layers, CONTAINER, wanted, changes, "me", "why", repository, tag, null);
    }

    private static ImageConfiguration read(ImageCommit commit) {
        LoadedImage image = CommittedConfig.of(commit).image(PARENT, NOW);
        byte[] json = image.configJson().getBytes(StandardCharsets.UTF_8);
        assertThat(image.id()).isEqualTo(Digest.of(json));
        assertThat(image.layers()).isEqualTo(commit.layers());
        return ImageConfiguration.parse("made", json);
    }

    private static ImageConfig config(@Nullable ImageConfig wanted, String... changes) {
        ImageConfig made = read(commit(wanted, List.of(changes), ONE, TWO)).config();
        assertThat(made).isNotNull();
        return made;
    }

    @Test
    void theContainersConfigurationIsTheImages() {
        assertThat(config(null)).isEqualTo(CONTAINER);
    }

    @Test
    void tellsWhoAndWhyAndWhatItStandsOn() {
        ImageConfiguration made = read(commit(null, List.of(), ONE, TWO));
        assertThat(made.author()).isEqualTo("me");
        assertThat(made.comment()).isEqualTo("why");
        assertThat(made.created()).isEqualTo(NOW.toString());
        assertThat(made.architecture()).isEqualTo("amd64");
        assertThat(made.diffIds()).containsExactly(ONE, TWO);
        assertThat(made.steps())
                .containsExactly(
                        new ImageConfiguration.History("2020-01-01T00:00:00Z", "base", null, null, false),
                        new ImageConfiguration.History(NOW.toString(), "sh -c true", "me", "why", false));
    }

    @Test
    void aCommitWithoutALayerSaysSo() {
        assertThat(read(commit(null, List.of(), ONE)).steps().getLast().emptyLayer())
                .isTrue();
    }

    @Test
    void changesComeOnTopOfTheContainers() {
        ImageConfig made = config(null, "ENV A=2 B=3", "LABEL m=n", "EXPOSE 90/udp", "WORKDIR sub", "CMD [\"x\"]");
        assertThat(made.env()).containsExactly("PATH=/bin", "A=2", "B=3");
        assertThat(made.labels()).isEqualTo(Map.of("l", "v", "m", "n"));
        assertThat(made.exposedPorts()).containsOnlyKeys("80/tcp", "90/udp");
        assertThat(made.workingDir()).isEqualTo("/srv/sub");
        assertThat(made.command()).containsExactly("x");
        assertThat(made.user()).isEqualTo("daemon");
    }

    @Test
    void anEntrypointTakesTheCommandAwayUnlessOneCameBefore() {
        assertThat(config(null, "ENTRYPOINT [\"e\"]").command()).isNull();
        assertThat(config(null, "CMD [\"c\"]", "ENTRYPOINT [\"e\"]").command()).containsExactly("c");
        assertThat(config(null, "ENTRYPOINT [\"e\"]", "CMD [\"c\"]").command()).containsExactly("c");
    }

    @Test
    void aConfigurationOfTheClientsIsCompletedFromTheContainers() {
        ImageConfig wanted = new ImageConfig(
                null,
                null,
                List.of("A=9"),
                null,
                List.of("mine"),
                null,
                null,
                Map.of("o", "p"),
                null,
                null,
                null,
                null,
                null);
        ImageConfig made = config(wanted);
        assertThat(made.command()).containsExactly("mine");
        assertThat(made.env()).containsExactly("A=9", "PATH=/bin");
        assertThat(made.labels()).containsOnlyKeys("l", "o");
        assertThat(made.user()).isEqualTo("daemon");
    }

    @Test
    void namesAreRead() {
        assertThat(CommittedConfig.of(named("team/app", "", null, List.of())).name())
                .hasToString("docker.io/team/app:latest");
        assertThat(CommittedConfig.of(named("team/app", "1", null, List.of())).name())
                .hasToString("docker.io/team/app:1");
        assertThat(CommittedConfig.of(named("", "1", null, List.of())).name()).isNull();
        for (String bad : List.of("Upper", "a b", "x@" + ONE)) {
            assertThatThrownBy(() -> CommittedConfig.of(named(bad, "", null, List.of())))
                    .isInstanceOf(Failure.Invalid.class);
        }
        assertThatThrownBy(() -> CommittedConfig.of(commit(null, List.of("RUN true"))))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("RUN is not a valid change command");
    }
}
