package io.longshore.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every implementation of {@link Duplex} must do. Each test opens a pair of two connected ends. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public abstract class DuplexContract {
    private static final int BIG = 100 * 1024 * 1024;

    /** Two connected ends; closing the pair lets both go. */
    public record Pair(Duplex client, Duplex server, Runnable serverDone) {}

    /** A new pair. */
    protected abstract Pair open() throws Exception;

    /** Whether a peer can tell a reset from an end; raw bytes on a unix socket cannot say it. */
    protected boolean tellsCutFromEnd() {
        return true;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T within(Duration limit, Callable<T> work) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            return threads.submit(work).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    @Test
    void bytesTravelBothWaysAtOnce() throws Exception {
        pingPong();
    }

    private void pingPong() throws Exception {
        Pair pair = open();
        pair.client().output().write(text("ping"));
        assertThat(pair.server().input().readNBytes(4)).asString().isEqualTo("ping");
        pair.server().output().write(text("pong"));
        assertThat(pair.client().input().readNBytes(4)).asString().isEqualTo("pong");
        pair.serverDone().run();
        pair.client().close();
    }

    @Test
    void clientEndsFirstAndStillGetsAllOutput() throws Exception {
        Pair pair = open();
        pair.client().output().write(text("in"));
        pair.client().shutdownOutput();
        pair.client().shutdownOutput();
        assertThat(pair.server().input().readAllBytes()).asString().isEqualTo("in");
        pair.server().output().write(text("late output"));
        pair.serverDone().run();
        assertThat(pair.client().input().readAllBytes()).asString().isEqualTo("late output");
        pair.client().close();
    }

    @Test
    void serverEndsFirstAndStillGetsAllInput() throws Exception {
        Pair pair = open();
        pair.server().output().write(text("bye"));
        pair.server().shutdownOutput();
        assertThat(pair.client().input().readAllBytes()).asString().isEqualTo("bye");
        pair.client().output().write(text("after"));
        pair.client().shutdownOutput();
        assertThat(pair.server().input().readAllBytes()).asString().isEqualTo("after");
        pair.serverDone().run();
        pair.client().close();
    }

    @Test
    void serverEndsWhileClientFloodsAndOutputArrivesWhole() throws Exception {
        for (int round = 0; round < 10; round++) {
            Pair pair = open();
            byte[] output = new byte[1024 * 1024];
            Thread flood = Thread.ofVirtual().start(() -> {
                try {
                    byte[] block = new byte[64 * 1024];
                    for (long sent = 0; sent < BIG; sent += block.length) {
                        pair.client().output().write(block);
                    }
                } catch (IOException e) {
                    // The server has ended: that is the case.
                }
            });
            Thread server = Thread.ofVirtual().start(() -> {
                try {
                    pair.server().output().write(output);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                pair.serverDone().run();
            });
            assertThat(pair.client().input().readAllBytes()).hasSize(output.length);
            pair.client().close();
            flood.join();
            server.join();
        }
    }

    @Test
    void resetIsAFailureNotAnEnd() throws Exception {
        Pair pair = open();
        pair.client().output().write(text("some"));
        assertThat(pair.server().input().readNBytes(4)).hasSize(4);
        pair.client().reset();
        pair.client().reset();
        if (tellsCutFromEnd()) {
            assertThatThrownBy(() -> within(
                            Duration.ofSeconds(5), () -> pair.server().input().read()))
                    .hasRootCauseInstanceOf(IOException.class);
        }
        pair.serverDone().run();
        Pair other = open();
        other.server().output().write(text("some"));
        assertThat(other.client().input().readNBytes(4)).hasSize(4);
        other.server().reset();
        if (tellsCutFromEnd()) {
            assertThatThrownBy(() -> within(
                            Duration.ofSeconds(5), () -> other.client().input().read()))
                    .hasRootCauseInstanceOf(IOException.class);
        }
        other.serverDone().run();
    }

    @Test
    void closeUnblocksAReader() throws Exception {
        Pair pair = open();
        Future<Integer> reader;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            reader = threads.submit(() -> pair.client().input().read());
            pair.client().output().write(1);
            assertThat(pair.server().input().read()).isEqualTo(1);
            pair.client().close();
            assertThatThrownBy(() -> reader.get(5, TimeUnit.SECONDS)).hasRootCauseInstanceOf(IOException.class);
        }
        pair.serverDone().run();
    }

    @Test
    void hundredMegabytesEachWayAtOnce() throws Exception {
        Pair pair = open();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> all = new ArrayList<>();
            all.add(threads.submit(() -> flood(pair.client())));
            all.add(threads.submit(() -> flood(pair.server())));
            all.add(threads.submit(() -> drain(pair.client().input())));
            all.add(threads.submit(() -> drain(pair.server().input())));
            for (Future<Long> one : all) {
                assertThat(one.get(50, TimeUnit.SECONDS)).isEqualTo(BIG);
            }
        }
        pair.serverDone().run();
        pair.client().close();
    }

    private static long flood(Duplex end) throws IOException {
        byte[] block = new byte[32 * 1024];
        OutputStream output = end.output();
        for (int sent = 0; sent < BIG; sent += block.length) {
            for (int i = 0; i < block.length; i += 512) {
                block[i] = (byte) ((sent + i) / 512);
            }
            output.write(block);
        }
        end.shutdownOutput();
        return BIG;
    }

    private static long drain(InputStream input) throws IOException {
        byte[] buffer = new byte[50_000];
        long count = 0;
        for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
            for (int i = (int) ((512 - count % 512) % 512); i < read; i += 512) {
                assertThat(buffer[i]).isEqualTo((byte) ((count + i) / 512));
            }
            count += read;
        }
        return count;
    }

    @Test
    void twoHundredIdlePairsDoNotHinderAnother() throws Exception {
        List<Pair> idle = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            idle.add(open());
        }
        pingPong();
        for (Pair pair : idle) {
            pair.client().output().write(7);
            assertThat(pair.server().input().read()).isEqualTo(7);
            pair.serverDone().run();
            pair.client().close();
        }
    }
}
