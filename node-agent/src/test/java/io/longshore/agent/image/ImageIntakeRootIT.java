package io.longshore.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.content.ContentStore;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.MountedRoot;
import io.longshore.agent.graphdriver.StoredLayer;
import io.longshore.agent.graphdriver.overlay2.Overlay2GraphDriver;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.agent.HeldLayer;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.LayerChain;
import io.longshore.oci.fixture.TestImage;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.oci.tar.TarLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ImageIntakeRootIT {
    private static final TarLimits LIMITS = new TarLimits(10_000, 1 << 20, 64 << 20);

    @TempDir
    Path work;

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final NativePool pool = new NativePool("test", 2, 16);
    private final NativePool removals = new NativePool("test-removal", 1, 16);
    private GraphDriver driver;
    private ImageIntake intake;

    @BeforeEach
    void open() throws IOException {
        driver = Overlay2GraphDriver.open(new JnaSyscalls(), work, LIMITS, WalkMemory.ofHeap());
        intake = new ImageIntake(driver, ContentStore.open(work.resolve("content")), pool, removals, LIMITS);
    }

    @AfterEach
    void close() {
        pool.close();
        removals.close();
    }

    private static InputStream stream(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    private List<String> everything() throws IOException {
        try (Stream<Path> paths = Files.walk(work)) {
            return paths.map(Path::toString).sorted().toList();
        }
    }

    private static List<LayerRef> refs(TestImage image) {
        return LayerChain.of(image.diffIds());
    }

    private static TestImage image() {
        return TestImage.busybox("app:1").layer(new TestLayer().file("second", "2"));
    }

    static Stream<byte[]> forms() {
        return Stream.of(
                image().archive(),
                image().legacyArchive(),
                image().ociLayout(),
                image().gzipped().archive(),
                TestLayer.gzip(image().archive()));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyFormOfAnArchiveLoads(byte[] archive) throws IOException {
        List<String> before = everything();
        List<LoadedImage> loaded = intake.load(stream(archive));
        assertThat(loaded).singleElement().satisfies(image -> {
            assertThat(image.id()).isEqualTo(image().id());
            assertThat(Digest.of(image.configJson().getBytes(StandardCharsets.UTF_8)))
                    .isEqualTo(image.id());
            assertThat(image.names()).containsExactly("app:1");
            assertThat(image.layers())
                    .extracting(LoadedImage.LoadedLayer::diffId)
                    .isEqualTo(image().diffIds());
            assertThat(image.layers().getLast().size()).isEqualTo(1);
        });
        ContainerId container = ContainerId.random();
        driver.create(container, image().diffIds());
        try (MountedRoot mounted = driver.mount(container)) {
            assertThat(mounted.root().read("bin/sh", 8 << 20)).isEqualTo(Files.readAllBytes(Path.of("/bin/busybox")));
            assertThat(mounted.root().read("second", 10)).isEqualTo(new byte[] {'2'});
        }
        driver.remove(container);
        assertThat(intake.held(refs(image()))).hasSize(2);
        intake.remove(refs(image()).reversed(), LIMIT);
        assertThat(everything().stream().filter(path -> !path.contains("-init")))
                .isEqualTo(before);
    }

    @Test
    void importedRootIsOneLayer() {
        byte[] tar = new TestLayer().file("f", "content").tar();
        LoadedImage.LoadedLayer layer = intake.importRoot(stream(TestLayer.gzip(tar)));
        assertThat(layer).isEqualTo(new LoadedImage.LoadedLayer(Digest.of(tar), Digest.of(tar), 7));
        assertThat(intake.importRoot(stream(tar))).isEqualTo(layer);
    }

    @Test
    void aLayerMayComeTwiceInOneImage() {
        byte[] layer = new TestLayer().file("f", "x").tar();
        TestImage image = new TestImage()
                .layer(layer)
                .layer(new TestLayer().file("g", "y"))
                .layer(layer);
        assertThat(intake.load(stream(image.archive()))).hasSize(1);
        assertThat(driver.layers()).extracting(StoredLayer::chainId).hasSize(3);
    }

    static Stream<Arguments> hostile() {
        byte[] good = TestImage.busybox("a").archive();
        return Stream.of(
                Arguments.of(
                        "../escape", bad(new TestLayer().file("../escape", "x")).archive()),
                Arguments.of(
                        "x/passwd",
                        bad(new TestLayer().symlink("x", "/etc").file("x/passwd", "x"))
                                .archive()),
                Arguments.of("sda", bad(new TestLayer().character("sda", 8, 0)).archive()),
                Arguments.of("diff id", lyingDiffId()),
                Arguments.of("truncated", Arrays.copyOf(good, good.length / 2)),
                Arguments.of("truncated", new byte[0]),
                Arguments.of("truncated", "this is no archive".getBytes(StandardCharsets.US_ASCII)),
                Arguments.of("corrupt gzip", Arrays.copyOf(TestLayer.gzip(good), 2000)),
                Arguments.of(
                        "at most",
                        new TestLayer()
                                .file("manifest.json", 0644, new byte[5 << 20])
                                .tar()));
    }

    /** The first layer is innocent, so that there is something to undo. */
    private static TestImage bad(TestLayer layer) {
        return new TestImage()
                .layer(new TestLayer().file("innocent", "x"))
                .layer(layer)
                .named("bad");
    }

    private static byte[] lyingDiffId() {
        byte[] layer = new TestLayer().file("f", "x").tar();
        String config = new TestImage()
                .layer(layer)
                .configurationJson()
                .replace(Digest.of(layer).hex(), "1".repeat(64));
        return new TestLayer()
                .file("c.json", config)
                .file("l.tar", 0644, layer)
                .file("manifest.json", "[{\"Config\":\"c.json\",\"Layers\":[\"l.tar\"]}]")
                .tar();
    }

    @ParameterizedTest
    @MethodSource
    void hostile(String named, byte[] archive) throws IOException {
        List<String> before = everything();
        assertThatThrownBy(() -> intake.load(stream(archive)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(named);
        assertThat(everything()).isEqualTo(before);
    }

    static Stream<Arguments> hostileRoots() {
        return Stream.of(
                Arguments.of("../escape", new TestLayer().file("../escape", "x").tar()),
                Arguments.of(
                        "/../escape", new TestLayer().file("/../escape", "x").tar()),
                Arguments.of(
                        "x/passwd",
                        new TestLayer()
                                .symlink("x", "/etc")
                                .file("x/passwd", "x")
                                .tar()),
                Arguments.of(
                        "\"l\"", new TestLayer().hardLink("l", "/etc/passwd").tar()),
                Arguments.of(
                        "\"l\"",
                        new TestLayer().hardLink("l", "../../etc/passwd").tar()),
                Arguments.of("sda", new TestLayer().character("sda", 8, 0).tar()),
                Arguments.of(
                        "nested 1001 deep",
                        new TestLayer().file("d/".repeat(1000) + "f", "x").tar()),
                Arguments.of(
                        "corrupt gzip",
                        Arrays.copyOf(TestLayer.gzip(TestLayer.busybox("sh").tar()), 2000)),
                Arguments.of("corrupt zstd", new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 0, 0, 0}),
                Arguments.of("truncated", "no archive".getBytes(StandardCharsets.US_ASCII)));
    }

    @ParameterizedTest
    @MethodSource("hostileRoots")
    void hostileImport(String named, byte[] root) throws IOException {
        List<String> before = everything();
        assertThatThrownBy(() -> intake.importRoot(stream(root)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(named);
        assertThat(everything()).isEqualTo(before);
    }

    /**
     * A load that is to fail makes a layer, and stands at its second one; meanwhile another load finds the first, and is confirmed. The
     * failure must leave what the other has.
     */
    @Test
    void aFailedLoadLeavesWhatAnotherHasFound() throws Exception {
        byte[] shared = new TestLayer().file("shared", "x").tar();
        TestImage good = new TestImage().layer(shared).named("good");
        byte[] second = new TestLayer().file("../escape", "x").tar();
        CountDownLatch atSecond = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ImageIntake both = new ImageIntake(
                gated(Digest.of(second), atSecond, goOn),
                ContentStore.open(work.resolve("content")),
                pool,
                removals,
                LIMITS);
        byte[] bad = new TestImage().layer(shared).layer(second).archive();
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            Future<List<LoadedImage>> failing = other.submit(() -> both.load(stream(bad)));
            assertThat(atSecond.await(60, TimeUnit.SECONDS)).isTrue();
            both.load(stream(good.archive()));
            assertThat(both.held(refs(good))).isEqualTo(refs(good));
            goOn.countDown();
            assertThatThrownBy(failing::get).hasMessageContaining("../escape");
        }
        assertThat(both.held(refs(good))).isEqualTo(refs(good));
        both.remove(refs(good), LIMIT);
        assertThat(both.held(refs(good))).isEmpty();
    }

    /** The driver, but the unpacking of one layer waits. */
    private GraphDriver gated(Digest diffId, CountDownLatch reached, CountDownLatch goOn) {
        Class<?>[] driverOnly = {GraphDriver.class};
        return (GraphDriver) Proxy.newProxyInstance(
                getClass().getClassLoader(), driverOnly, (self, verb, arguments) -> {
                    if (verb.getName().equals("unpack") && arguments[1].equals(diffId)) {
                        reached.countDown();
                        assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
                    }
                    try {
                        return verb.invoke(driver, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void whatNoLoadKeepsIsListedInPages() throws IOException {
        intake.load(stream(image().archive()));
        assertThat(intake.list(null, 10)).isEmpty();
        List<LayerRef> refs = refs(image());
        intake.held(refs);
        List<HeldLayer> all = intake.list(null, 10);
        assertThat(all)
                .extracting(layer -> new LayerRef(layer.chainId(), layer.diffId()))
                .containsExactlyInAnyOrderElementsOf(refs);
        assertThat(all).filteredOn(layer -> layer.parent() == null).hasSize(1);
        assertThat(all.getFirst().chainId()).isLessThan(all.getLast().chainId());
        assertThat(intake.list(null, 1)).containsExactly(all.getFirst());
        assertThat(intake.list(all.getFirst().chainId(), 10)).containsExactly(all.getLast());
    }

    @Test
    void aBlobThatACrashTookComesWithTheNextLoad() throws IOException {
        intake.load(stream(image().archive()));
        List<String> before = everything();
        Path content = work.resolve("content");
        String lost = image().diffIds().getFirst().hex();
        Files.delete(content.resolve("diffs").resolve(lost));
        open();
        assertThat(content.resolve("sha256").resolve(lost)).doesNotExist();
        intake.load(stream(image().archive()));
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void whatWasThereBeforeSurvivesAFailedLoad() throws IOException {
        byte[] shared = new TestLayer().file("innocent", "x").tar();
        intake.load(stream(new TestImage().layer(shared).archive()));
        List<String> before = everything();
        byte[] archive = new TestImage()
                .layer(shared)
                .layer(new TestLayer().file("../abs", "x"))
                .archive();
        assertThatThrownBy(() -> intake.load(stream(archive))).hasMessageContaining("../abs");
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void bombsAreRefusedBeforeTheyFillTheDisk() throws IOException {
        List<String> before = everything();
        Path bomb = Files.createTempFile("bomb", ".gz");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(bomb)) {
            {
                def.setLevel(Deflater.BEST_SPEED);
            }
        }) {
            byte[] header =
                    new TestLayer().file("zeros", 0644, new byte[1 << 20]).tar();
            out.write(header, 0, 512);
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 100; i++) {
                out.write(zeros);
            }
        }
        try (InputStream in = Files.newInputStream(bomb)) {
            assertThatThrownBy(() -> intake.importRoot(in)).isInstanceOf(Failure.TooLarge.class);
        }
        try (InputStream in = Files.newInputStream(bomb)) {
            assertThatThrownBy(() -> intake.load(in)).isInstanceOf(Failure.class);
        }
        Files.delete(bomb);
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void aClientThatGoesAwayLeavesNothing() throws IOException {
        List<String> before = everything();
        InputStream cut = new SequenceInputStream(stream(Arrays.copyOf(image().archive(), 100_000)), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the client went away");
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return read();
            }
        });
        assertThatThrownBy(() -> intake.load(cut))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageContaining("went away");
        assertThat(everything()).isEqualTo(before);
    }

    @Test
    void aLoadedLayerIsSafeUntilItIsConfirmed() {
        intake.load(stream(image().archive()));
        List<LayerRef> children = refs(image()).reversed();
        assertThatThrownBy(() -> intake.remove(children, LIMIT))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("is being loaded");
        assertThat(intake.held(children)).isEqualTo(children);
        ContainerId container = ContainerId.random();
        driver.create(container, image().diffIds());
        assertThatThrownBy(() -> intake.remove(children, LIMIT))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining(container.value());
        driver.remove(container);
        intake.remove(children, LIMIT);
        intake.remove(children, LIMIT);
        assertThat(intake.held(children)).isEmpty();
    }

    @Test
    void blobsThatACrashLeftAreSwept() throws IOException {
        intake.load(stream(image().archive()));
        List<String> before = everything();
        Path content = work.resolve("content");
        Files.writeString(content.resolve("sha256").resolve("a".repeat(64)), "unlinked");
        Files.writeString(content.resolve("sha256").resolve("b".repeat(64)), "of no layer");
        Files.createSymbolicLink(
                content.resolve("diffs").resolve("c".repeat(64)), Path.of("../sha256/" + "b".repeat(64)));
        Files.writeString(Files.createDirectory(content.resolve("ingest/in-1")).resolve("f0"), "half");
        open();
        assertThat(everything()).isEqualTo(before);
    }
}
