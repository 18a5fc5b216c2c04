package io.longshore.container.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PlacesTest {
    @Test
    void noMoreWorkAtOnceThanThereArePlaces() throws Exception {
        Places places = new Places(3);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch full = new CountDownLatch(3);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            threads.add(Thread.ofVirtual()
                    .start(() -> places.within(() -> {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        full.countDown();
                        await(full);
                        return inside.decrementAndGet();
                    })));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(most).hasValue(3);
    }

    @Test
    void aFailureGivesItsPlaceBack() {
        Places places = new Places(1);
        assertThatThrownBy(() -> places.within(() -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(places.within(() -> "next")).isEqualTo("next");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
