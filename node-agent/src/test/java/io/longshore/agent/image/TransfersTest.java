package io.longshore.agent.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.longshore.agent.content.ContentStore;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.simulated.SimulatedGraphDriver;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.agent.PullRequest;
import io.longshore.contracts.agent.RemoteLayer;
import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.agent.Transfer.Step;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.oci.tar.TarLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls from a registry that breaks off, lies and waits; layers are checked and counted, not unpacked. */
class TransfersTest {
    private static final byte[] LAYER = layer(1);
    private static final byte[] BLOB = TestLayer.gzip(LAYER);
    private static final RemoteLayer REMOTE = new RemoteLayer(Digest.of(BLOB), BLOB.length, Digest.of(LAYER));

    @TempDir
    Path work;

    private final NativePool pool = new NativePool("test", 2, 16);
    private final List<String> ranges = new CopyOnWriteArrayList<>();
    private final List<Transfer> told = new ArrayList<>();
    private HttpServer server;
    private GraphDriver driver;
    private Transfers transfers;
    private volatile Blob blob = exchange -> send(exchange, BLOB, 0);

    /** Answers the request for the blob. */
    private interface Blob {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    /** A megabyte that no compression makes smaller. */
    private static byte[] layer(int seed) {
        byte[] noise = new byte[750_000];
        new Random(seed).nextBytes(noise);
        return new TestLayer()
                .file("noise", Base64.getEncoder().encodeToString(noise))
                .tar();
    }

    @BeforeEach
    void open() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            try (exchange) {
                if (exchange.getRequestURI().getPath().equals("/v2/")) {
                    exchange.sendResponseHeaders(200, -1);
                    return;
                }
                ranges.add(String.valueOf(exchange.getRequestHeaders().getFirst("Range")));
                blob.answer(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
        openStore();
    }

    private void openStore() throws IOException {
        driver = SimulatedGraphDriver.open(new JnaSyscalls(), work, TarLimits.DEFAULT, WalkMemory.ofHeap());
        ContentStore content = ContentStore.open(work.resolve("content"));
        transfers = new Transfers(new ImageIntake(driver, content, pool, pool, TarLimits.DEFAULT), content);
    }

    @AfterEach
    void close() {
        transfers.close();
        server.stop(0);
        pool.close();
    }

    /** All of a blob from an offset on. */
    private static void send(HttpExchange exchange, byte[] content, int offset) throws IOException {
        if (offset > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + offset + "-" + (content.length - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(offset > 0 ? 206 : 200, content.length - offset);
        exchange.getResponseBody().write(content, offset, content.length - offset);
    }

    private PullRequest request(RemoteLayer... layers) {
        String repository = "127.0.0.1:" + server.getAddress().getPort() + "/app";
        return new PullRequest(
                repository,
                new RegistryAccess(List.of(), List.of(), List.of(), "/nonexistent", 1),
                null,
                List.of(layers));
    }

    private Transfer pull(RemoteLayer... layers) throws IOException, InterruptedException {
        transfers.pull(request(layers), told::add);
        return told.getLast();
    }

    private List<Path> files(String directory) throws IOException {
        try (Stream<Path> all = Files.list(work.resolve("content").resolve(directory))) {
            return all.toList();
        }
    }

    private void holdsTheLayer() throws IOException {
        assertThat(driver.layers()).hasSize(1);
        assertThat(Files.readAllBytes(
                        work.resolve("content/diffs").resolve(REMOTE.diffId().hex())))
                .isEqualTo(BLOB);
        assertThat(files("partial")).isEmpty();
    }

    @Test
    void tellsTheStepsInOrder() throws Exception {
        Transfer end = pull(REMOTE);
        assertThat(end.loaded()).hasSize(1);
        assertThat(told.stream()
                        .map(Transfer::step)
                        .filter(step -> step != Step.DOWNLOADING && step != Step.EXTRACTING && step != Step.WAITING))
                .containsExactly(Step.QUEUED, Step.VERIFYING, Step.DOWNLOADED, Step.PULLED, null);
        holdsTheLayer();
        told.clear();
        assertThat(pull(REMOTE).loaded()).hasSize(1);
        assertThat(told.getFirst().step()).isEqualTo(Step.ALREADY_EXISTS);
    }

    /** The registry sends the next quarter when the client has been told of the one before. */
    @Test
    void progressIsToldWhileABlobComes() throws Exception {
        int quarter = BLOB.length / 4;
        BlockingQueue<Long> received = new LinkedBlockingQueue<>();
        blob = exchange -> {
            exchange.sendResponseHeaders(200, BLOB.length);
            for (int sent = quarter; sent <= 3 * quarter; sent += quarter) {
                exchange.getResponseBody().write(BLOB, sent - quarter, quarter);
                exchange.getResponseBody().flush();
                Long known = received.poll(5, TimeUnit.SECONDS);
                while (known != null && known < sent) {
                    known = received.poll(5, TimeUnit.SECONDS);
                }
            }
            exchange.getResponseBody().write(BLOB, 3 * quarter, BLOB.length - 3 * quarter);
        };
        transfers.pull(request(REMOTE), news -> {
            told.add(news);
            if (news.step() == Step.DOWNLOADING) {
                received.add(news.current());
            }
        });
        List<Transfer> steps =
                told.stream().filter(news -> news.step() == Step.DOWNLOADING).toList();
        assertThat(steps).extracting(Transfer::total).containsOnly((long) BLOB.length);
        assertThat(steps)
                .extracting(Transfer::current)
                .isSorted()
                .doesNotHaveDuplicates()
                .contains((long) quarter, 2L * quarter, 3L * quarter);
        assertThat(told.getLast().loaded()).hasSize(1);
        holdsTheLayer();
    }

    /** Neither blob is sent before both have been asked for. */
    @Test
    void layersOfOneImageComeAtOnce() throws Exception {
        byte[] layer = layer(2);
        byte[] upper = TestLayer.gzip(layer);
        Digest digest = Digest.of(upper);
        CountDownLatch lowerAsked = new CountDownLatch(1);
        CountDownLatch upperAsked = new CountDownLatch(1);
        blob = exchange -> {
            boolean isUpper = exchange.getRequestURI().getPath().endsWith(digest.value());
            (isUpper ? upperAsked : lowerAsked).countDown();
            if ((isUpper ? lowerAsked : upperAsked).await(5, TimeUnit.SECONDS)) {
                send(exchange, isUpper ? upper : BLOB, 0);
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        };
        assertThat(pull(REMOTE, new RemoteLayer(digest, upper.length, Digest.of(layer)))
                        .loaded())
                .hasSize(2);
        assertThat(ranges).containsExactly("null", "null");
        assertThat(driver.layers()).hasSize(2);
    }

    @Test
    void brokenConnectionGoesOnWhereItBroke() throws Exception {
        blob = exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            if (range == null) {
                exchange.sendResponseHeaders(200, BLOB.length);
                exchange.getResponseBody().write(BLOB, 0, BLOB.length / 2);
                exchange.getResponseBody().flush();
                throw new IOException("cut");
            }
            send(exchange, BLOB, Integer.parseInt(range.replaceAll("\\D", "")));
        };
        assertThat(pull(REMOTE).loaded()).hasSize(1);
        assertThat(ranges).hasSize(2).first().isEqualTo("null");
        assertThat(ranges.getLast()).isNotEqualTo("null");
        holdsTheLayer();
    }

    @Test
    void registryWithoutRangesSendsAllAgain() throws Exception {
        blob = exchange -> {
            boolean first = ranges.size() == 1;
            exchange.sendResponseHeaders(200, BLOB.length);
            exchange.getResponseBody().write(BLOB, 0, first ? BLOB.length / 2 : BLOB.length);
            exchange.getResponseBody().flush();
            if (first) {
                throw new IOException("cut");
            }
        };
        assertThat(pull(REMOTE).loaded()).hasSize(1);
        holdsTheLayer();
    }

    /** What kill -9 leaves: a part of the blob in its file. */
    @Test
    void deadAgentsPartIsTakenUp() throws Exception {
        Path partial = ContentStore.open(work.resolve("content"))
                .partial(REMOTE.digest(), request().repository());
        Files.write(partial, Arrays.copyOf(BLOB, 1000));
        blob = exchange -> send(exchange, BLOB, 1000);
        assertThat(pull(REMOTE).loaded()).hasSize(1);
        assertThat(ranges).containsExactly("bytes=1000-");
        holdsTheLayer();
    }

    /** What a power cut may leave: a part that is not what came. */
    @Test
    void damagedPartIsBroughtAnew() throws Exception {
        Path partial = ContentStore.open(work.resolve("content"))
                .partial(REMOTE.digest(), request().repository());
        Files.write(partial, new byte[1000]);
        blob = exchange -> send(exchange, BLOB, exchange.getRequestHeaders().getFirst("Range") == null ? 0 : 1000);
        assertThat(pull(REMOTE).loaded()).hasSize(1);
        assertThat(ranges).containsExactly("bytes=1000-", "null");
        holdsTheLayer();
    }

    private void failsWith(Transfer end, String message) throws IOException {
        assertThat(end.message()).contains(message);
        assertThat(driver.layers()).isEmpty();
        assertThat(files("sha256")).isEmpty();
        assertThat(files("diffs")).isEmpty();
        long limit = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!files("partial").isEmpty() && System.nanoTime() < limit) {
            Thread.onSpinWait();
        }
        assertThat(files("partial")).isEmpty();
    }

    @Test
    void otherContentIsRefused() throws Exception {
        byte[] other = BLOB.clone();
        other[other.length / 2] ^= 1;
        blob = exchange -> send(exchange, other, 0);
        failsWith(pull(REMOTE), "filesystem layer verification failed for digest " + REMOTE.digest());
    }

    /** All has come, and is seen to be corrupt, before its digest is known. */
    @Test
    void otherContentIsNamedByItsDigestThoughTheRegistryPausesAtItsEnd() throws Exception {
        byte[] other = BLOB.clone();
        other[other.length / 2] ^= 1;
        blob = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(other);
            exchange.getResponseBody().flush();
            Thread.sleep(Duration.ofMillis(500));
        };
        failsWith(pull(REMOTE), "filesystem layer verification failed for digest " + REMOTE.digest());
    }

    @Test
    void longerContentIsRefused() throws Exception {
        blob = exchange -> send(exchange, Arrays.copyOf(BLOB, BLOB.length + 1), 0);
        failsWith(pull(REMOTE), "is longer than the " + BLOB.length + " bytes");
    }

    /** All of the layer has been decompressed long before. */
    @Test
    void longerContentIsRefusedHoweverLateItComes() throws Exception {
        blob = exchange -> {
            exchange.sendResponseHeaders(200, BLOB.length + 1);
            exchange.getResponseBody().write(BLOB);
            exchange.getResponseBody().flush();
            Thread.sleep(Duration.ofMillis(500));
            exchange.getResponseBody().write(0);
        };
        failsWith(pull(REMOTE), "is longer than the " + BLOB.length + " bytes");
    }

    @Test
    void hugeLayerIsNotBegun() throws Exception {
        for (long size : new long[] {-1, Long.MAX_VALUE}) {
            failsWith(pull(new RemoteLayer(REMOTE.digest(), size, REMOTE.diffId())), "has " + size + " bytes, at most");
        }
        assertThat(ranges).isEmpty();
    }

    /** Some progress each time, and no end. */
    @Test
    void aByteForEachConnectionIsTooLittle() throws Exception {
        blob = exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            int offset = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
            if (offset > 0) {
                exchange.getResponseHeaders()
                        .set("Content-Range", "bytes " + offset + "-" + (BLOB.length - 1) + "/" + BLOB.length);
            }
            exchange.sendResponseHeaders(offset > 0 ? 206 : 200, BLOB.length - offset);
            exchange.getResponseBody().write(BLOB, offset, 1);
            exchange.getResponseBody().flush();
            throw new IOException("cut");
        };
        assertThat(pull(REMOTE).message()).contains("of " + BLOB.length + " bytes");
        assertThat(ranges).hasSize(5);
    }

    @Test
    void cutBehindTheBlobIsNoHarm() throws Exception {
        blob = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(BLOB);
            exchange.getResponseBody().flush();
            throw new IOException("cut");
        };
        assertThat(pull(REMOTE).loaded()).hasSize(1);
        assertThat(ranges).hasSize(1);
        holdsTheLayer();
    }

    @Test
    void otherDiffIdIsRefused() throws Exception {
        failsWith(
                pull(new RemoteLayer(REMOTE.digest(), REMOTE.size(), Digest.of(new byte[0]))),
                "its diff id is sha256:");
    }

    @Test
    void twoClientsShareADownloadAndOneMayGo() throws Exception {
        CountDownLatch half = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        blob = exchange -> {
            exchange.sendResponseHeaders(200, BLOB.length);
            exchange.getResponseBody().write(BLOB, 0, 1000);
            exchange.getResponseBody().flush();
            half.countDown();
            goOn.await(800, TimeUnit.MILLISECONDS);
            exchange.getResponseBody().write(BLOB, 1000, BLOB.length - 1000);
        };
        Thread first = Thread.ofVirtual().start(() -> {
            try {
                transfers.pull(request(REMOTE), news -> {});
            } catch (IOException | InterruptedException e) {
                // It goes.
            }
        });
        assertThat(half.await(10, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Transfer> second = CompletableFuture.supplyAsync(() -> {
            try {
                return pull(REMOTE);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        while (told.isEmpty() && !second.isDone()) {
            Thread.sleep(10);
        }
        first.interrupt();
        first.join();
        goOn.countDown();
        assertThat(second.get(20, TimeUnit.SECONDS).loaded()).hasSize(1);
        assertThat(ranges).containsExactly("null");
        holdsTheLayer();
    }

    @Test
    void clientThatGoesLeavesNothing() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        blob = exchange -> {
            exchange.sendResponseHeaders(200, BLOB.length);
            exchange.getResponseBody().write(BLOB, 0, 1000);
            exchange.getResponseBody().flush();
            begun.countDown();
            Thread.sleep(500);
        };
        Thread client = Thread.ofVirtual().start(() -> {
            try {
                transfers.pull(request(REMOTE), news -> {});
            } catch (IOException | InterruptedException e) {
                // It goes.
            }
        });
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
        client.interrupt();
        client.join();
        failsWith(Transfer.failed(io.longshore.contracts.error.ErrorKind.UNAVAILABLE, "gone"), "gone");
    }
}
