package io.longshore.oci.registry.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private final IOException cause = new IOException("closed");

    @Test
    void whenItHasPassedItIsTheCause() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        Deadline deadline = new Deadline(Duration.ofMillis(20), done::countDown);
        assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(deadline.said(cause))
                .isInstanceOf(SocketTimeoutException.class)
                .hasCause(cause);
    }

    @Test
    void whenItIsClosedBeforeNothingHappens() throws Exception {
        AtomicInteger count = new AtomicInteger();
        Deadline deadline = new Deadline(Duration.ofMillis(50), count::incrementAndGet);
        assertThat(deadline.said(cause)).isSameAs(cause);
        Thread.sleep(100);
        assertThat(count).hasValue(0);
    }
}
