package io.longshore.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BodyPipeTest {
    private static final Duration LONG = Duration.ofSeconds(25);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private Future<?> carry(BodyPipe pipe, InputStream body) {
        return threads.submit(() -> {
            pipe.carry(body);
            return true;
        });
    }

    @Test
    void carriesAllOfABody() throws Exception {
        byte[] bytes = new byte[1_000_000];
        new Random(1).nextBytes(bytes);
        try (BodyPipe pipe = new BodyPipe(Duration.ofSeconds(10), LONG)) {
            Future<?> carrying = carry(pipe, new ByteArrayInputStream(bytes));
            assertThat(pipe.input().readAllBytes()).isEqualTo(bytes);
            carrying.get();
        }
    }

    @Test
    void nothingIsReadBeforeItIsWantedNorAfterNobodyWantsMore() throws Exception {
        AtomicInteger reads = new AtomicInteger();
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                reads.incrementAndGet();
                return 1;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                reads.incrementAndGet();
                return length;
            }
        };
        BodyPipe pipe = new BodyPipe(Duration.ofSeconds(10), LONG);
        Future<?> unwanted = carry(pipe, endless);
        pipe.close();
        unwanted.get();
        assertThat(reads).hasValue(0);
        BodyPipe other = new BodyPipe(Duration.ofSeconds(10), LONG);
        Future<?> carrying = carry(other, endless);
        assertThat(other.input().read()).isZero();
        other.close();
        carrying.get();
    }

    @Test
    void aClientThatSendsNothingOrHardlyAnythingIsNotWaitedFor() throws Exception {
        try (ScheduledExecutorService trickle = Executors.newScheduledThreadPool(1);
                PipedOutputStream client = new PipedOutputStream();
                PipedInputStream body = new PipedInputStream(client, 1 << 20);
                BodyPipe pipe = new BodyPipe(Duration.ofSeconds(2), LONG)) {
            var _ = trickle.scheduleAtFixedRate(
                    () -> {
                        try {
                            client.write(1);
                            client.flush();
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    0,
                    50,
                    TimeUnit.MILLISECONDS);
            var _ = carry(pipe, body);
            long before = System.nanoTime();
            assertThatThrownBy(() -> pipe.input().readAllBytes())
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageStartingWith("the archive came too slowly: less than 64 KiB in 2 s");
            assertThat(System.nanoTime() - before).isBetween(1_900_000_000L, 10_000_000_000L);
            trickle.shutdownNow();
        }
    }

    @Test
    void timeThatTheExtractionTakesIsNotTheClients() throws Exception {
        try (BodyPipe pipe = new BodyPipe(Duration.ofMillis(200), LONG)) {
            var _ = carry(pipe, new ByteArrayInputStream(new byte[300_000]));
            InputStream input = pipe.input();
            assertThat(input.read()).isZero();
            Thread.sleep(Duration.ofMillis(500));
            assertThat(input.readAllBytes()).hasSize(299_999);
        }
    }

    @Test
    void nothingComesAfterTheLimit() throws Exception {
        try (PipedOutputStream client = new PipedOutputStream();
                PipedInputStream body = new PipedInputStream(client);
                BodyPipe pipe = new BodyPipe(LONG, Duration.ofMillis(200))) {
            var _ = carry(pipe, body);
            client.write(new byte[100]);
            client.flush();
            assertThatThrownBy(() -> pipe.input().readAllBytes()).isInstanceOf(Failure.DeadlineExceeded.class);
        }
    }

    @Test
    void aBodyThatBreaksOffIsNoEnd() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("gone");
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return read();
            }
        };
        try (BodyPipe pipe = new BodyPipe(Duration.ofSeconds(10), LONG)) {
            var _ = carry(pipe, broken);
            assertThatThrownBy(() -> pipe.input().readAllBytes())
                    .isInstanceOf(IOException.class)
                    .hasMessage("the client's archive broke off: gone");
        }
    }
}
