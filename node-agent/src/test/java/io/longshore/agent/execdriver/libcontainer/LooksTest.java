package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LooksTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(100);

    @Test
    void aContainerThatNeverAnswersHoldsUpNoOther() throws Exception {
        ContainerId hung = ContainerId.random();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        try (Looks looks = new Looks();
                ExecutorService sessions = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> stuck = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                stuck.add(sessions.submit(() -> looks.call(
                        hung,
                        () -> {
                            begun.countDown();
                            return await(answer);
                        },
                        LONG,
                        late -> {})));
            }
            begun.await();
            assertThat(looks.call(ContainerId.random(), () -> "found", LONG, late -> {}))
                    .isEqualTo("found");
            assertThatThrownBy(() -> looks.call(hung, () -> "found", SHORT, late -> {}))
                    .isInstanceOf(Failure.DeadlineExceeded.class);
            answer.countDown();
            for (Future<Boolean> one : stuck) {
                assertThat(one.get()).isTrue();
            }
        }
    }

    private static boolean await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
