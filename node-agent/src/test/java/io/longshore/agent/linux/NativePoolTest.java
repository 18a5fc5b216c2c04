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
