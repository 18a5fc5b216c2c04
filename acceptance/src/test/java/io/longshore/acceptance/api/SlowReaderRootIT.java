package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Attached clients that read slowly, or not at all: the first lose nothing, and the second hold nobody up for ever. */
class SlowReaderRootIT extends ApiCases {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String OUTPUT = "stream=1&stdout=1&stderr=1";
    private static final int LINES = 400_000;

    private static String numbers() {
        return IntStream.rangeClosed(1, LINES).mapToObj(i -> i + "\n").collect(Collectors.joining());
    }

    /** All frames to the end, after each {@code burst} bytes of them a pause. */
    private static String read(Attached client, int burst, Duration pause) {
        StringBuilder all = new StringBuilder();
        try {
            for (int last = 0; ; ) {
                Attached.Frame frame = client.frame();
                assertThat(frame.stream()).as(frame.text()).isEqualTo(1);
                all.append(frame.text());
                if (all.length() - last >= burst) {
                    last = all.length();
                    LockSupport.parkNanos(pause.toNanos());
                }
            }
        } catch (EOFException e) {
            assertThat(e).hasMessageContaining("after 0 bytes");
            return all.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void losesNothingWhileAnotherIsQuick() throws Exception {
        String id = create("seq 1 " + LINES);
        try (Attached slow = Attached.to(engine, id, OUTPUT, PATIENCE);
                Attached quick = Attached.to(engine, id, OUTPUT, PATIENCE)) {
            start(id);
            CompletableFuture<String> atOnce =
                    CompletableFuture.supplyAsync(() -> read(quick, Integer.MAX_VALUE, Duration.ZERO));
            String numbers = numbers();
            // In 2.7 MB, some 250 KB a second.
            assertThat(read(slow, 100_000, Duration.ofMillis(400)).equals(numbers))
                    .as("what the slow reader got is what was written")
                    .isTrue();
            assertThat(atOnce.get(10, TimeUnit.SECONDS).equals(numbers))
                    .as("what the quick reader got is what was written")
                    .isTrue();
        }
    }

    /** Of a few kilobytes a second, from the first byte on: it is slow all the time, but it takes something. */
    @Test
    void isNotCutOffForTakingLittle() throws Exception {
        assumeTrue(form.longshore(), "Docker Engine cuts nobody off");
        String id = create("seq 1 " + LINES + "; echo through >&2");
        try (Attached slow = Attached.to(engine, id, "stream=1&stdout=1", PATIENCE)) {
            start(id);
            byte[] piece = new byte[4096];
            long end = System.nanoTime() + 3 * Longshore.ATTACH_STALL.toNanos();
            int taken = 0;
            while (System.nanoTime() < end) {
                assertThat(slow.raw().readNBytes(piece, 0, piece.length)).isEqualTo(piece.length);
                taken += piece.length;
                LockSupport.parkNanos(250_000_000);
            }
            assertThat(logs(id, "stderr"))
                    .as("it still holds the container up after %d bytes", taken)
                    .isEmpty();
        }
        awaitLog(id, "through");
    }

    @Test
    void isCutOffWhenItTakesNothingAndTheContainerGoesOn() throws Exception {
        assumeTrue(form.longshore(), "Docker Engine cuts nobody off");
        String id = create("seq 1 " + LINES + "; echo through >&2; sleep 600");
        try (Attached stopped = Attached.to(engine, id, OUTPUT, PATIENCE);
                Attached reading = Attached.to(engine, id, OUTPUT, PATIENCE)) {
            long begun = System.nanoTime();
            start(id);
            String numbers = numbers();
            StringBuilder all = new StringBuilder();
            // Two pipes: what is written to one later may be read earlier.
            for (boolean through = false; !through || all.length() < numbers.length(); ) {
                Attached.Frame frame = reading.frame();
                if (frame.stream() == 1) {
                    all.append(frame.text());
                } else {
                    through = true;
                }
            }
            assertThat(all.toString().equals(numbers))
                    .as("the other client has all of it")
                    .isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isBetween(Longshore.ATTACH_STALL, Longshore.ATTACH_STALL.plusSeconds(30));
            String last = "";
            int taken = 0;
            try {
                for (Attached.Frame frame = stopped.frame(); ; frame = stopped.frame()) {
                    last = frame.stream() == Attached.SYSTEM ? frame.text() : "";
                    taken += frame.text().length();
                }
            } catch (EOFException e) {
                assertThat(last)
                        .as("the last that it hears after %d bytes", taken)
                        .isEqualTo("output cut off: the client took nothing for " + Longshore.ATTACH_STALL.toSeconds()
                                + " s\n");
            }
            assertThat(call(Request.get("/containers/" + id + "/json"))
                            .json()
                            .at("/State/Running")
                            .asBoolean())
                    .isTrue();
        }
    }

    private String logs(String id, String stream) {
        return call(Request.get("/containers/" + id + "/logs?" + stream + "=1")).text();
    }

    private void awaitLog(String id, String part) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        String log = logs(id, "stderr");
        while (!log.contains(part) && System.nanoTime() < end) {
            LockSupport.parkNanos(100_000_000);
            log = logs(id, "stderr");
        }
        assertThat(log).contains(part);
    }
}
