package io.longshore.agent.volumedriver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every volume driver does. */
public abstract class VolumeDriverContract {
    private static final VolumeName DATA = VolumeName.parse("data");
    private static final ContainerId CONTAINER = ContainerId.random();

    @TempDir
    protected Path directory;

    /** A driver over {@link #directory}; one made later finds what an earlier one kept. */
    protected abstract VolumeDriver driver();

    @Test
    void createdVolumeIsListedAndMounts() {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of());
        driver.create(VolumeName.parse("another"), Map.of());
        assertThat(driver.list()).containsExactly(VolumeName.parse("another"), DATA);
        assertThat(driver.mount(DATA, CONTAINER)).isAbsolute().exists();
        driver.unmount(DATA, CONTAINER);
        driver.unmount(DATA, CONTAINER);
    }

    @Test
    void volumesOutliveTheDriver() {
        driver().create(DATA, Map.of());
        assertThat(driver().list()).containsExactly(DATA);
        assertThat(driver().mount(DATA, CONTAINER)).exists();
    }

    @Test
    void createTwiceIsOne() {
        driver().create(DATA, Map.of());
        driver().create(DATA, Map.of());
        assertThat(driver().list()).containsExactly(DATA);
    }

    @Test
    void createAtOnceFromManySidesIsOne() throws Exception {
        VolumeDriver driver = driver();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Void>> calls = IntStream.range(0, 32)
                    .<Callable<Void>>mapToObj(i -> () -> {
                        driver.create(DATA, Map.of());
                        return null;
                    })
                    .toList();
            for (Future<Void> call : threads.invokeAll(calls)) {
                call.get();
            }
        }
        assertThat(driver.list()).containsExactly(DATA);
        assertThat(directory.toFile().list()).containsExactly("data");
    }

    @Test
    void mountOfUnknownVolumeNamesIt() {
        assertThatThrownBy(() -> driver().mount(VolumeName.parse("nowhere"), CONTAINER))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("nowhere")
                .hasMessageContaining(CONTAINER.shortForm());
    }

    @Test
    void removedVolumeIsGoneAndRemovingItAgainIsNoError() {
        VolumeDriver driver = driver();
        driver.create(DATA, Map.of());
        driver.remove(DATA);
        assertThat(driver.list()).isEmpty();
        assertThatCode(() -> driver.remove(DATA)).doesNotThrowAnyException();
        assertThat(directory.toFile().list()).isEmpty();
    }

    @Test
    void emptyVolumeTakesNothingAndAnUnknownOneIsNotMeasured() {
        driver().create(DATA, Map.of());
        assertThat(driver().bytes(DATA, Duration.ofSeconds(10))).isZero();
        assertThatThrownBy(() -> driver().bytes(VolumeName.parse("nowhere"), Duration.ofSeconds(10)))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void unknownOptionIsNamed() {
        assertThatThrownBy(() -> driver().create(DATA, Map.of("size", "1g"))).isInstanceOf(Failure.Invalid.class);
        assertThat(driver().list()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", ".", "..", "../x", "a/b", ".hidden", "-x", "a b", "a\nb", "/etc", "a\0b"})
    void namesThatCouldLeadElsewhereAreRefused(String name) {
        assertThatThrownBy(() -> VolumeName.parse(name)).isInstanceOf(Failure.Invalid.class);
    }
}
