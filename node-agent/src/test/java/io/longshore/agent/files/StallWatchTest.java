package io.longshore.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StallWatchTest {
    private static final Duration STALL = Duration.ofMillis(400);

    /** Takes some time for each write, or for ever. */
    private static OutputStream client(Duration each) {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                try {
                    Thread.sleep(each);
                } catch (InterruptedException e) {
                    throw new IOException("closed", e);
                }
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                write(0);
            }
        };
    }

    @Test
    void whoServesAClientThatTakesNothingIsInterrupted() {
        StallWatch watch = StallWatch.start(client(Duration.ofDays(1)), STALL);
        Thread writer = Thread.startVirtualThread(() -> {
            try {
                watch.output().write(new byte[10], 0, 10);
            } catch (IOException e) {
                // Whoever serves has closed the connection.
            }
        });
        assertThatThrownBy(writer::join).isInstanceOf(InterruptedException.class);
        assertThat(watch.hasCut()).isTrue();
        watch.close();
        assertThat(Thread.interrupted()).isFalse();
        writer.interrupt();
    }

    @Test
    void aSlowClientAndASlowDiskAreNoStall() throws Exception {
        try (StallWatch watch = StallWatch.start(client(STALL.dividedBy(4)), STALL)) {
            for (int i = 0; i < 8; i++) {
                watch.output().write(1);
            }
            assertThat(new CountDownLatch(1).await(2 * STALL.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS))
                    .isFalse();
            assertThat(watch.hasCut()).isFalse();
        }
    }
}
