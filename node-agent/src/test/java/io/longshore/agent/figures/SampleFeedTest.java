package io.longshore.agent.figures;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SampleFeedTest {
    private static final ContainerId ID = ContainerId.random();

    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicBoolean gone = new AtomicBoolean();

    private String read(ContainerId id) {
        if (gone.get()) {
            throw new Failure.NotFound("No such container: " + id);
        }
        return "read " + reads.incrementAndGet();
    }

    @Test
    void manyWatchersShareEachRead() throws InterruptedException {
        try (SampleFeed feed = new SampleFeed(this::read, 100_000)) {
            List<SampleFeed.Watch> watches = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                watches.add(feed.watch(ID));
            }
            for (SampleFeed.Watch watch : watches) {
                assertThat(watch.next()).isEqualTo("read 1");
            }
            assertThat(reads).hasValue(1);
            assertThat(feed.size()).isEqualTo(1);
            watches.forEach(SampleFeed.Watch::close);
            assertThat(feed.size()).isZero();
        }
    }

    @Test
    void slowWatcherGetsTheLatestAndDelaysNobody() throws InterruptedException {
        try (SampleFeed feed = new SampleFeed(this::read, 1);
                SampleFeed.Watch slow = feed.watch(ID);
                SampleFeed.Watch quick = feed.watch(ID)) {
            assertThat(slow.next()).isNotNull();
            for (int i = 0; i < 20; i++) {
                quick.next();
            }
            assertThat(slow.next()).isNotIn("read 2", "read 3", "read 4");
        }
    }

    @Test
    void nothingIsReadWhenNobodyWatches() throws InterruptedException {
        try (SampleFeed feed = new SampleFeed(this::read, 1)) {
            try (SampleFeed.Watch watch = feed.watch(ID)) {
                watch.next();
            }
            // A read that had begun may still end.
            Thread.sleep(50);
            int before = reads.get();
            Thread.sleep(50);
            assertThat(reads).hasValue(before);
            assertThat(feed.size()).isZero();
        }
    }

    @Test
    void theEndOfTheContainerEndsTheWatchAndALaterOneBeginsAnew() throws InterruptedException {
        try (SampleFeed feed = new SampleFeed(this::read, 1)) {
            SampleFeed.Watch watch = feed.watch(ID);
            watch.next();
            gone.set(true);
            while (watch.next() != null) {
                // What was read before.
            }
            assertThat(feed.size()).isZero();
            gone.set(false);
            try (SampleFeed.Watch another = feed.watch(ID)) {
                assertThat(another.next()).isNotNull();
                watch.close();
                assertThat(feed.size()).isEqualTo(1);
                assertThat(another.next()).isNotNull();
            }
        }
    }

    @Test
    void whatCannotBeReadCutsOffWhoWatches() throws InterruptedException {
        try (SampleFeed feed = new SampleFeed(
                        id -> {
                            throw new IllegalStateException("meant by this test");
                        },
                        1);
                SampleFeed.Watch watch = feed.watch(ID)) {
            assertThat(watch.next()).isNull();
        }
    }

    @Test
    void closingLetsEverybodyGo() throws InterruptedException {
        SampleFeed feed = new SampleFeed(this::read, 100_000);
        SampleFeed.Watch watch = feed.watch(ID);
        watch.next();
        Thread closing = Thread.ofVirtual().start(feed::close);
        assertThat(watch.next()).isNull();
        closing.join();
    }
}
