package io.longshore.agent.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.testbed.process.Await;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ReadAheadTest {
    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static InputStream failing(Exception failure) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                if (failure instanceof IOException e) {
                    throw e;
                }
                throw (RuntimeException) failure;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return read();
            }
        };
    }

    @Test
    void allBytesComeInTheirOrder() throws IOException {
        for (int length : new int[] {0, 1, 256 << 10, (256 << 10) + 1, 5_000_001}) {
            byte[] bytes = bytes(length);
            try (ReadAhead in = new ReadAhead(new ByteArrayInputStream(bytes))) {
                assertThat(in.readAllBytes()).isEqualTo(bytes);
                assertThat(in.read()).isNegative();
            }
        }
    }

    @Test
    void aFailureComesAfterWhatWasReadBefore() throws IOException {
        byte[] bytes = bytes(256 << 10);
        for (Exception failure : new Exception[] {new IOException("broken"), new Failure.Invalid("no layer")}) {
            try (ReadAhead in =
                    new ReadAhead(new SequenceInputStream(new ByteArrayInputStream(bytes), failing(failure)))) {
                assertThat(in.readNBytes(bytes.length)).isEqualTo(bytes);
                assertThatThrownBy(in::read).isSameAs(failure);
                assertThatThrownBy(in::read).isSameAs(failure);
            }
        }
    }

    @Test
    void readsNoFurtherThanItsBuffers() throws IOException, InterruptedException {
        AtomicLong read = new AtomicLong();
        AtomicBoolean closed = new AtomicBoolean();
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 7;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                read.addAndGet(length);
                return length;
            }

            @Override
            public void close() {
                closed.set(true);
            }
        };
        try (ReadAhead in = new ReadAhead(endless)) {
            assertThat(in.read()).isNotNegative();
            assertThat(Await.until(Duration.ofSeconds(20), () -> read.get() >= 2 << 20))
                    .isTrue();
            // In which it would go on if anything made it.
            Thread.sleep(Duration.ofMillis(200));
            assertThat(read.get()).isEqualTo(2 << 20);
        }
        assertThat(closed).isTrue();
    }

    @Test
    @Timeout(60)
    void whoReadsHearsOfAnError() throws IOException {
        InputStream huge = new InputStream() {
            @Override
            public int read() {
                throw new OutOfMemoryError("a window of 2 GiB");
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                return read();
            }
        };
        try (ReadAhead in = new ReadAhead(huge)) {
            assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessageContaining("a window of 2 GiB");
        }
    }

    @Test
    void closingEndsAThreadThatWaitsForBytes() throws IOException {
        InputStream silent = new InputStream() {
            @Override
            public int read() throws IOException {
                try {
                    Thread.sleep(Duration.ofMinutes(5));
                } catch (InterruptedException e) {
                    throw new IOException("interrupted", e);
                }
                return -1;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                return read();
            }
        };
        long begun = System.nanoTime();
        new ReadAhead(silent).close();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMinutes(1));
    }
}
