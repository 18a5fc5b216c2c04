package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pulls that are cut off on their way, by the network or by the user. */
@LongshoreOnly("what stands before the registry is in Longshore's network, not in Docker Engine's")
class InterruptedPullCliRootIT extends RegistryCases {
    private static final int SIZE = 24 << 20;
    private static final SavedImage LARGE = large();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static SavedImage large() {
        byte[] noise = new byte[SIZE]; // nothing compresses it
        new Random(35).nextBytes(noise);
        return new SavedImage(
                List.of("large:1"),
                Map.of("Cmd", List.of("true")),
                List.of(new TarArchive().file("noise", 0644, noise).bytes()));
    }

    @Test
    void aCutConnectionIsGoneOnWith() {
        registry().put(LARGE, "large:1");
        try (ThrottledRegistry cut = new ThrottledRegistry(registry().host(), SIZE / 2, ThrottledRegistry.Then.CUT)) {
            docker.run("pull " + cut.host() + "/large:1").ok().printsPart("Pull complete");
            assertThat(cut.done()).isTrue();
            assertThat(cut.carried()).as("bytes for a layer of %s", SIZE).isBetween((long) SIZE, SIZE + (SIZE / 4L));
            assertThat(docker.value(cut.host() + "/large:1", "{{.Id}}")).isEqualTo(LARGE.id());
        }
    }

    @Test
    void aPullThatIsGivenUpLeavesNothing() {
        registry().put(LARGE, "large:1");
        Path partial = ((Longshore) docker.engine()).work().resolve("content/partial");
        try (ThrottledRegistry slow =
                new ThrottledRegistry(registry().host(), SIZE / 2, ThrottledRegistry.Then.SILENCE)) {
            try (Started pull = docker.startInterruptible("pull " + slow.host() + "/large:1")) {
                assertThat(Await.until(PATIENCE, slow::done)).isTrue();
                assertThat(pull.running()).isTrue();
                assertThat(names(partial)).isNotEmpty();
                pull.interrupt();
                // Not its exit code: newer commands end with 0 where a request was given up.
                assertThat(pull.await(PATIENCE).out()).doesNotContain("Status: ");
            }
            assertThat(Await.answer(PATIENCE, () -> names(partial), List::isEmpty))
                    .isEmpty();
            docker.ok("images -q " + slow.host() + "/large").prints("");
        }
        docker.probe("pull -q " + registry().host() + "/large:1").ok();
    }

    private static List<String> names(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(Path::toString).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
