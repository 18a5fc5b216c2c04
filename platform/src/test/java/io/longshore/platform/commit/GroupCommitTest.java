package io.longshore.platform.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.dao.QueryTimeoutException;

class GroupCommitTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    private final List<List<Integer>> batches = Collections.synchronizedList(new ArrayList<>());
    private final Semaphore commits = new Semaphore(0);
    private final CountDownLatch begun = new CountDownLatch(1);
    private GroupCommit<Integer> group = group(Duration.ofSeconds(90), Duration.ofSeconds(30));

    private int refused = -1;
    private int breaking = -1;

    private GroupCommit<Integer> group(Duration patience, Duration dividing) {
        return new GroupCommit<>(this::commit, IllegalArgumentException.class::isInstance, patience, dividing);
    }

    private void commit(List<Integer> items) {
        begun.countDown();
        commits.acquireUninterruptibly();
        batches.add(List.copyOf(items));
        if (items.contains(breaking)) {
            throw new IllegalStateException("the connection broke at the commit");
        }
        if (items.contains(refused)) {
            throw new IllegalArgumentException("13 is refused");
        }
    }

    @Test
    void oneAloneIsWrittenAtOnceAndAlone() {
        commits.release(2);
        group.write(1, LONG);
        group.write(2, LONG);
        assertThat(batches).containsExactly(List.of(1), List.of(2));
    }

    @Test
    void whoComesMeanwhileIsWrittenTogether() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> first = threads.submit(() -> group.write(0, LONG));
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            List<Future<?>> others = waiting(threads, 300);
            commits.release(1_000);
            first.get();
            for (Future<?> other : others) {
                other.get();
            }
        }
        assertThat(batches.stream().map(List::size)).containsExactly(1, 256, 44);
        assertThat(batches.stream().flatMap(List::stream).sorted().toList())
                .isEqualTo(
                        java.util.stream.IntStream.rangeClosed(0, 300).boxed().toList());
    }

    @Test
    void whatIsRefusedIsRefusedAlone() throws Exception {
        assertRefusedAlone(13);
        // All at once, and halves of what failed.
        assertThat(batches.stream().map(List::size)).containsExactly(1, 13, 6, 7, 3, 4, 2, 2, 1, 1);
        commits.release();
        group.write(99, LONG);
        assertThat(batches.getLast()).containsExactly(99);
    }

    @Test
    void whoWritesForAllMayBeWhoIsRefused() throws Exception {
        assertRefusedAlone(1);
        assertThat(batches.stream().map(List::size)).containsExactly(1, 13, 6, 3, 2, 3, 7, 1);
    }

    private void assertRefusedAlone(int item) throws Exception {
        refused = item;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> first = threads.submit(() -> group.write(0, LONG));
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            List<Future<?>> others = waiting(threads, 13);
            commits.release(1_000);
            first.get();
            for (int n = 1; n <= 13; n++) {
                Future<?> other = others.get(n - 1);
                if (n == item) {
                    assertThatThrownBy(other::get)
                            .isInstanceOf(ExecutionException.class)
                            .hasRootCauseMessage("13 is refused");
                } else {
                    other.get();
                }
            }
        }
    }

    @Test
    void whereItIsNotKnownWhetherTheyAreWrittenNoneIsTriedAgain() throws Exception {
        breaking = 14;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> first = threads.submit(() -> group.write(0, LONG));
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            List<Future<?>> others = waiting(threads, 14);
            commits.release(1_000);
            first.get();
            for (Future<?> other : others) {
                assertThatThrownBy(other::get)
                        .isInstanceOf(ExecutionException.class)
                        .hasRootCauseMessage("the connection broke at the commit");
            }
        }
        assertThat(batches).hasSize(2);
    }

    @Test
    void oneThatIsInterruptedHoldsUpNobody() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> first = threads.submit(() -> group.write(0, LONG));
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            List<Throwable> seen = Collections.synchronizedList(new ArrayList<>());
            Thread second = Thread.ofVirtual().start(() -> {
                try {
                    group.write(1, LONG);
                } catch (Failure.Unavailable e) {
                    seen.add(e);
                }
            });
            awaitWaiting(1);
            second.interrupt();
            second.join();
            List<Future<?>> third = waiting(threads, 1);
            commits.release(10);
            first.get();
            third.getFirst().get();
            assertThat(seen).hasSize(1);
        }
        assertThat(batches).hasSize(2);
    }

    @Test
    void whenThereIsNoTimeToDivideNobodyIsToldThatItWasHim() throws Exception {
        group = group(Duration.ofSeconds(90), Duration.ZERO);
        refused = 2;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> first = threads.submit(() -> group.write(0, LONG));
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            List<Future<?>> others = waiting(threads, 3);
            commits.release(1_000);
            first.get();
            for (Future<?> other : others) {
                assertThatThrownBy(other::get)
                        .hasCauseInstanceOf(Failure.Unavailable.class)
                        .hasRootCauseMessage("13 is refused");
            }
        }
        assertThat(batches).hasSize(2);
    }

    @Test
    void whoWaitsInVainIsNotWrittenLater() throws Exception {
        group = group(Duration.ofMillis(1), Duration.ofSeconds(30));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> first = threads.submit(() -> group.write(0, LONG));
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> group.write(1, LONG)).isInstanceOf(Failure.DeadlineExceeded.class);
            assertThat(group.waiting()).isZero();
            commits.release(10);
            first.get();
        }
        assertThat(batches).containsExactly(List.of(0));
    }

    @Test
    void whoseWritingHasBegunIsNotToldThatItIsUnwritten() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> first = threads.submit(() -> group.write(0, LONG));
            assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
            Future<?> second = threads.submit(() -> group.write(1, LONG));
            awaitWaiting(1);
            List<Throwable> seen = Collections.synchronizedList(new ArrayList<>());
            Thread third = Thread.ofVirtual().start(() -> {
                try {
                    group.write(2, LONG);
                } catch (QueryTimeoutException e) {
                    seen.add(e);
                }
            });
            awaitWaiting(2);
            commits.release();
            first.get();
            for (int i = 0; i < 10_000 && group.waiting() > 0; i++) {
                Thread.sleep(1);
            }
            third.interrupt();
            third.join();
            commits.release();
            second.get();
            assertThat(seen).hasSize(1);
        }
        assertThat(batches).containsExactly(List.of(0), List.of(1, 2));
    }

    /** Writers of 1 to {@code count} that wait for their turn. */
    private List<Future<?>> waiting(ExecutorService threads, int count) throws InterruptedException {
        List<Future<?>> all = new ArrayList<>();
        for (int n = 1; n <= count; n++) {
            int item = n;
            all.add(threads.submit(() -> group.write(item, LONG)));
            awaitWaiting(n);
        }
        return all;
    }

    private void awaitWaiting(int count) throws InterruptedException {
        for (int i = 0; i < 10_000 && group.waiting() < count; i++) {
            Thread.sleep(1);
        }
        assertThat(group.waiting()).isEqualTo(count);
    }
}
