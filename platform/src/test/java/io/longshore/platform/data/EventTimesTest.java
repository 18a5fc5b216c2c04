package io.longshore.platform.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class EventTimesTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.ofEpochSecond(1_000));
    private final EventTimes times = new EventTimes(new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now.get();
        }
    });

    @Test
    void timesGrowThoughTheClockStandsStillOrGoesBack() {
        long first = times.next();
        long second = times.next();
        now.set(Instant.ofEpochSecond(900));
        long third = times.next();
        assertThat(first).isEqualTo(1_000_000_000_000L);
        assertThat(second).isGreaterThan(first);
        assertThat(third).isGreaterThan(second);
    }

    @Test
    void horizonIsTheEarliestThatRuns() {
        long first = times.next();
        long second = times.next();
        assertThat(times.horizon()).isEqualTo(first);
        times.ended(List.of(first));
        assertThat(times.horizon()).isEqualTo(second);
        times.ended(List.of(second));
        long horizon = times.horizon();
        assertThat(horizon).isGreaterThan(second);
        now.set(Instant.ofEpochSecond(800));
        assertThat(times.next()).isGreaterThanOrEqualTo(horizon);
    }
}
