package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** A container that numbers its lines, with a log that is rotated many times a minute: what is left of it has neither gap nor double. */
final class LogLife extends Life {
    private static final int LOOKS = 3;

    private boolean started;
    private boolean stopping;
    /** The highest number that was read. */
    private int seen;

    @Override
    String known() {
        return "that has written " + seen + " lines at least" + (stopping ? " and was to be stopped" : "");
    }

    @Override
    String body() {
        return body(
                "",
                "\"LogConfig\":{\"Type\":\"json-file\",\"Config\":{\"max-size\":\"8k\",\"max-file\":\"5\"}},",
                "sh",
                "-c",
                "i=0; while :; do for k in 1 2 3 4 5 6 7 8 9 10; do i=$((i+1)); echo line $i; done; usleep 40000; done");
    }

    @Override
    void live(UnixHttp http, Random random) throws IOException {
        start(http);
        started = true;
        for (int i = 0; i < LOOKS; i++) {
            LockSupport.parkNanos(random.nextInt(500) * 1_000_000L);
            seen = numbered(logLines(http), "log of container " + id() + " before the crash");
        }
        if (random.nextBoolean()) {
            stopping = true;
            stop(http);
        }
    }

    @Override
    void check(Longshore longshore, String what) {
        if (!started) {
            return;
        }
        boolean runs = status(inspect(longshore)).equals("running");
        assertThat(runs || stopping).as("%s, whether it runs", what).isTrue();
        int last = numbered(logLines(longshore, id()), what);
        long end = System.nanoTime() + SETTLE.toNanos();
        int now = last;
        while (runs && now == last && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
            now = numbered(logLines(longshore, id()), what);
        }
        assertThat(now > last)
                .as("%s, whether it goes on after line %d", what, last)
                .isEqualTo(runs);
        seen = now;
    }

    /** The number of the last line; nothing is missing since the last look. */
    private int numbered(List<String> lines, String what) {
        if (lines.isEmpty()) {
            assertThat(seen).as("no line of %s", what).isZero();
            return 0;
        }
        int first = number(lines.getFirst());
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).as("line %d of %s", i, what).isEqualTo("line " + (first + i));
        }
        int last = first + lines.size() - 1;
        assertThat(last).as("last line of %s", what).isGreaterThanOrEqualTo(seen);
        return last;
    }

    private static int number(String line) {
        return Integer.parseInt(line.substring("line ".length()));
    }
}
