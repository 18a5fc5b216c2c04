package io.longshore.agent.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NativePoolTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void whatDoesNotFitIsRefusedAtOnce() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        BlockingQueue<Failure> refused = new LinkedBlockingQueue<>();
        try (var pool = new NativePool("copy", 1, 1);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                calls.add(callers.submit(() -> {
                    try {
                        return pool.call(() -> wait(end), LONG);
                    } catch (Failure.Unavailable e) {
                        refused.add(e);
                        return false;
                    }
                }));
            }
            for (int i = 0; i < 3; i++) {
                assertThat(refused.take())
                        .hasMessage(
                                "the node is busy: 1 more copy operations wait for their turn already; try again later");
            }
            end.countDown();
            int done = 0;
            for (Future<Boolean> call : calls) {
                done += call.get() ? 1 : 0;
            }
            assertThat(done).isEqualTo(2);
        }
    }

    @Test
    void theWorksOwnFailureIsTheCallers() {
        try (var pool = new NativePool("test", 1, 1)) {
            assertThatThrownBy(() -> pool.call(
                            () -> {
                                throw new IOException("its own");
                            },
                            LONG))
                    .isInstanceOf(IOException.class)
                    .hasMessage("its own");
        }
    }

    @Test
    void whatComesTooLateIsDiscarded() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        BlockingQueue<String> discarded = new LinkedBlockingQueue<>();
        try (var pool = new NativePool("test", 1, 1)) {
            assertThat(pool.call(() -> "taken", LONG, discarded::add)).isEqualTo("taken");
            assertThatThrownBy(() -> pool.call(
                            () -> {
                                wait(end);
                                return "descriptor";
                            },
                            Duration.ofMillis(20),
                            discarded::add))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("did not end within");
            end.countDown();
            assertThat(discarded.take()).isEqualTo("descriptor");
            assertThat(discarded).isEmpty();
        }
    }

    @Test
    void whoGivesUpLeavesTheQueue() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean ran = new AtomicBoolean();
        try (var pool = new NativePool("test", 1, 1);
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> first = callers.submit(() -> pool.call(
                    () -> {
                        begun.countDown();
                        return wait(end);
                    },
                    LONG));
            begun.await();
            assertThatThrownBy(() -> pool.call(() -> ran.getAndSet(true), Duration.ofMillis(20)))
                    .isInstanceOf(IOException.class);
            Future<String> next = callers.submit(() -> pool.call(() -> "next", LONG));
            // It is refused if the one that gave up is still in the only place.
            assertThatThrownBy(() -> next.get(100, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            end.countDown();
            assertThat(next.get()).isEqualTo("next");
            assertThat(first.get()).isTrue();
            assertThat(ran).isFalse();
        }
    }

    private static boolean wait(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
