package io.longshore.agent.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PlacesTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final Places places = new Places("look", 1, 1);

    private static void awaitUninterruptibly(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts it", e);
        }
    }

    @Test
    void eachHasItsOwn() {
        try (var one = places.take("one", SHORT);
                var other = places.take("other", SHORT)) {
            assertThat(one).isNotSameAs(other);
            assertThatThrownBy(() -> places.take("one", SHORT))
                    .isInstanceOf(Failure.DeadlineExceeded.class)
                    .hasMessage("deadline exceeded: 1 other look operations on this container did not end in the time"
                            + " allowed for this request");
        }
        places.take("one", SHORT).close();
    }

    @Test
    void moreThanMayWaitAreRefusedAtOnce() throws Exception {
        FutureTask<Places.Place> waits = new FutureTask<>(() -> places.take("one", LONG));
        Thread waiter = Thread.ofPlatform().daemon().unstarted(waits);
        try (var held = places.take("one", SHORT)) {
            assertThat(held).isNotNull();
            waiter.start();
            while (waiter.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            assertThatThrownBy(() -> places.take("one", SHORT))
                    .isInstanceOf(Failure.Unavailable.class)
                    .hasMessageContaining("1 more look operations on this container wait");
        }
        waits.get().close();
        places.take("one", SHORT).close();
    }

    @Test
    void workKeepsItsPlaceWhenNobodyWaitsForItAnyMore() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (var pool = new NativePool("test", 1, 1)) {
            NativePool.Work<Boolean> late;
            try (var place = places.take("one", SHORT)) {
                late = place.keeping(() -> true);
                assertThatThrownBy(() -> pool.call(
                                place.keeping(() -> {
                                    awaitUninterruptibly(end);
                                    return true;
                                }),
                                SHORT))
                        .isInstanceOf(IOException.class);
            }
            assertThatThrownBy(() -> places.take("one", SHORT)).isInstanceOf(Failure.DeadlineExceeded.class);
            end.countDown();
            places.take("one", LONG).close();
            assertThatThrownBy(late::run).isInstanceOf(IOException.class).hasMessageContaining("given up");
            places.take("one", SHORT).close();
        }
    }
}
