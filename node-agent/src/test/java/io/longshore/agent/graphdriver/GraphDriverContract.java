package io.longshore.agent.graphdriver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.LayerChain;
import io.longshore.oci.fixture.TestLayer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every graph driver must do, with what users of {@link GraphDriver} rely on. */
public abstract class GraphDriverContract {
    protected static final byte[] BASE =
            new TestLayer().directory("etc/", 0755).file("etc/a", "12345").tar();
    protected static final byte[] UPPER = new TestLayer().file("b", "123").tar();

    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    protected Path work;

    protected GraphDriver driver;

    /** Opens the driver on the directory, as the agent does at its start. */
    protected abstract GraphDriver open(Path workDirectory) throws IOException;

    @BeforeEach
    void openDriver() throws IOException {
        driver = open(work);
    }

    protected static InputStream stream(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    /** Unpacks layers on top of each other and answers their diff ids. */
    protected List<Digest> unpack(byte[]... layers) {
        Digest parent = null;
        for (byte[] layer : layers) {
            parent = driver.unpack(parent, Digest.of(layer), stream(layer)).chainId();
        }
        return Arrays.stream(layers).map(Digest::of).toList();
    }

    /** Every path in the work directory. */
    protected List<String> everything() throws IOException {
        try (Stream<Path> paths = Files.walk(work)) {
            return paths.map(Path::toString).sorted().toList();
        }
    }

    @Test
    void layersAreKeptByChainId() {
        List<Digest> diffIds = unpack(BASE, UPPER);
        Digest top = LayerChain.of(diffIds).getLast().chainId();
        assertThat(driver.layer(diffIds.getFirst()))
                .contains(new StoredLayer(diffIds.getFirst(), diffIds.getFirst(), null, 5));
        assertThat(driver.layer(top)).contains(new StoredLayer(top, diffIds.getLast(), diffIds.getFirst(), 3));
        assertThat(driver.layers()).extracting(StoredLayer::chainId).containsExactly(diffIds.getFirst(), top);
        assertThat(driver.layer(Digest.of(new byte[0]))).isEmpty();
    }

    @Test
    void unpackOfAHeldLayerReadsNothing() {
        unpack(BASE);
        InputStream unread = InputStream.nullInputStream();
        assertThat(driver.unpack(null, Digest.of(BASE), unread).size()).isEqualTo(5);
    }

    @Test
    void layersAndContainersOutliveTheAgent() throws IOException {
        List<Digest> diffIds = unpack(BASE, UPPER);
        ContainerId container = ContainerId.random();
        RootFs root = driver.create(container, diffIds);
        List<StoredLayer> before = driver.layers();
        driver = open(work);
        assertThat(driver.layers()).isEqualTo(before);
        assertThat(driver.rootfs(container)).isEqualTo(root);
        assertThat(driver.create(container, diffIds)).isEqualTo(root);
        Digest top = before.getLast().chainId();
        assertThatThrownBy(() -> driver.removeLayer(top))
                .isInstanceOf(LayerInUse.class)
                .hasMessageContaining(container.value());
    }

    @Test
    void ownBytesAreThoseOfTheContainersFilesAlone() throws IOException {
        ContainerId container = ContainerId.random();
        Path own = upper(driver.create(container, unpack(BASE, UPPER)));
        assertThat(driver.ownBytes(container, LIMIT)).isZero();
        Path deep = Files.createDirectories(own.resolve("a/b/c"));
        Files.write(deep.resolve("file"), new byte[1000]);
        Files.createLink(own.resolve("same"), deep.resolve("file"));
        Files.createSymbolicLink(own.resolve("outside"), Path.of("/"));
        assertThat(driver.ownBytes(container, LIMIT)).isEqualTo(1001);
        assertThatThrownBy(() -> driver.ownBytes(container, Duration.ZERO))
                .isInstanceOf(Failure.DeadlineExceeded.class);
        try (Stream<Path> all = Files.walk(own)) {
            for (Path path : all.sorted(Comparator.reverseOrder())
                    .filter(path -> !path.equals(own))
                    .toList()) {
                Files.delete(path);
            }
        }
        driver.remove(container);
        assertThatThrownBy(() -> driver.ownBytes(container, LIMIT))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining(container.value());
    }

    private static Path upper(RootFs root) {
        return Path.of(
                switch (root) {
                    case RootFs.Overlay overlay -> overlay.upper();
                    case RootFs.Directory directory -> directory.path();
                    case RootFs.Simulated simulated -> simulated.path();
                });
    }

    @Test
    void wrongDiffIdLeavesNothing() throws IOException {
        unpack(BASE);
        List<String> before = everything();
        Digest wrong = Digest.of(new byte[] {1});
        assertThatThrownBy(() -> driver.unpack(Digest.of(BASE), wrong, stream(UPPER)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(wrong.value())
                .hasMessageContaining(Digest.of(UPPER).value());
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void unknownParentIsNotFound() {
        Digest parent = Digest.of(new byte[] {1});
        assertThatThrownBy(() -> driver.unpack(parent, Digest.of(UPPER), stream(UPPER)))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining(parent.value());
    }

    static Stream<Arguments> hostileLayers() {
        return Stream.of(
                hostile("../../escape", l -> l.file("../../escape", "x")),
                hostile("/../escape", l -> l.file("/../escape", "x")),
                hostile("a/../../escape", l -> l.directory("a/", 0755).file("a/../../escape", "x")),
                hostile("l", l -> l.hardLink("l", "../../../../etc/passwd")),
                hostile("m", l -> l.hardLink("m", "/../etc/passwd")),
                hostile("sda", l -> l.character("sda", 8, 0)),
                hostile("dev/w", l -> l.directory("dev/", 0755).character("dev/w", 0, 0)),
                hostile("o", l -> l.attributed("o", "", Map.of("trusted.overlay.redirect", "/etc"))),
                hostile(".wh...", l -> l.file(".wh...", "")));
    }

    protected static Arguments hostile(String named, UnaryOperator<TestLayer> change) {
        return Arguments.of(
                named, change.apply(new TestLayer().file("first", "innocent")).tar());
    }

    @ParameterizedTest
    @MethodSource("hostileLayers")
    void hostileLayerIsInvalidAndLeavesNothing(String named, byte[] layer) throws IOException {
        List<String> before = everything();
        assertThatThrownBy(() -> unpack(layer))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(named);
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void truncatedLayerIsInvalidAndLeavesNothing() throws IOException {
        List<String> before = everything();
        assertThatThrownBy(() -> unpack(Arrays.copyOf(BASE, 1100))).isInstanceOf(Failure.Invalid.class);
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void layerInUseStays() {
        List<Digest> diffIds = unpack(BASE, UPPER);
        Digest top = driver.layers().getLast().chainId();
        ContainerId container = ContainerId.random();
        driver.create(container, diffIds);
        assertThatThrownBy(() -> driver.removeLayer(diffIds.getFirst()))
                .isInstanceOf(LayerInUse.class)
                .hasMessageContaining(top.value());
        assertThatThrownBy(() -> driver.removeLayer(top)).isInstanceOf(Failure.Conflict.class);
        driver.remove(container);
        driver.remove(container);
        driver.removeLayer(top);
        driver.removeLayer(top);
        driver.removeLayer(diffIds.getFirst());
        assertThat(driver.layers()).isEmpty();
    }

    @Test
    void whatIsRemovedLeavesNothing() throws IOException {
        List<String> before = everything();
        List<Digest> diffIds = unpack(BASE, UPPER);
        ContainerId container = ContainerId.random();
        driver.create(container, diffIds);
        driver.mount(container).close();
        driver.remove(container);
        driver.removeLayer(driver.layers().getLast().chainId());
        driver.removeLayer(diffIds.getFirst());
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void createNeedsItsLayers() throws IOException {
        List<String> before = everything();
        ContainerId container = ContainerId.random();
        assertThatThrownBy(() -> driver.create(container, List.of(Digest.of(BASE))))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining(Digest.of(BASE).value());
        assertThat(everything()).isEqualTo(before);
        assertThatThrownBy(() -> driver.rootfs(container))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining(container.value());
        assertThatThrownBy(() -> driver.mount(container)).isInstanceOf(Failure.NotFound.class);
    }

    @Test
    void aNewContainerHasChangedNothing() throws IOException {
        ContainerId container = ContainerId.random();
        assertThatThrownBy(() -> driver.changes(container, (kind, path) -> {}))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining(container.value());
        assertThatThrownBy(() -> driver.writeLayer(container, OutputStream.nullOutputStream()))
                .isInstanceOf(Failure.NotFound.class);
        driver.create(container, unpack(BASE, UPPER));
        List<String> changed = new ArrayList<>();
        driver.changes(container, (kind, path) -> changed.add(path));
        assertThat(changed).isEmpty();
        ByteArrayOutputStream layer = new ByteArrayOutputStream();
        assertThat(driver.writeLayer(container, layer)).isFalse();
        Digest top = driver.layers().getLast().chainId();
        assertThat(driver.unpack(top, Digest.of(layer.toByteArray()), stream(layer.toByteArray()))
                        .size())
                .isZero();
    }

    @Test
    void aContainerStaysOnItsImage() {
        List<Digest> diffIds = unpack(BASE, UPPER);
        ContainerId container = ContainerId.random();
        driver.create(container, diffIds);
        assertThatThrownBy(() -> driver.create(container, diffIds.subList(0, 1)))
                .isInstanceOf(Failure.Conflict.class);
        assertThat(driver.containers()).containsExactly(container);
    }

    @Test
    void anImageMayHaveNoLayers() {
        ContainerId container = ContainerId.random();
        RootFs root = driver.create(container, List.of());
        assertThat(driver.rootfs(container)).isEqualTo(root);
        driver.mount(container).close();
        driver.remove(container);
        assertThat(driver.containers()).isEmpty();
    }

    @Test
    void unpackAndRemovalAtOnceLeaveWholeLayersOrNone() throws Exception {
        Digest base = Digest.of(BASE);
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 10; round++) {
                Callable<Boolean> make =
                        () -> driver.unpack(null, base, stream(BASE)).size() == 5;
                Callable<Boolean> remove = () -> {
                    driver.removeLayer(base);
                    return true;
                };
                for (Future<Boolean> done : pool.invokeAll(List.of(make, remove, make, remove))) {
                    assertThat(done.get()).isTrue();
                }
                boolean held = driver.layer(base).isPresent();
                driver = open(work);
                assertThat(driver.layer(base).isPresent()).isEqualTo(held);
            }
        }
        driver.removeLayer(base);
        unpack(BASE);
        driver.create(ContainerId.random(), List.of(base));
    }
}
