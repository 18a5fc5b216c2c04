package io.longshore.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.RootFs;
import io.longshore.agent.graphdriver.ChangeListener;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.MountedRoot;
import io.longshore.agent.graphdriver.StoredLayer;
import io.longshore.agent.graphdriver.VolumeCopyUp;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class GraphRootsTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    @Timeout(60)
    void nobodyWaitsForTheRemovalOfLargeTrees() throws Exception {
        SlowRemoval driver = new SlowRemoval();
        try (NativePool calls = new NativePool("test-graph", 2, 16);
                NativePool removals = new NativePool("test-removal", 2, 16);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            GraphRoots roots = new GraphRoots(
                    driver, new VolumeCopyUp(new JnaSyscalls(), driver, WalkMemory.ofHeap()), calls, removals, calls);
            List<Future<?>> removed = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                removed.add(threads.submit(() -> roots.remove(ContainerId.random())));
            }
            driver.removing.await();
            Future<?> prepared = threads.submit(
                    () -> roots.prepare(Specs.of(List.of(), "true").spec(ContainerId.random())));
            assertThat(prepared).succeedsWithin(SOON);
            assertThat(removed).noneMatch(Future::isDone);
            driver.disk.countDown();
            assertThat(removed).allSatisfy(each -> assertThat(each).succeedsWithin(SOON));
        }
    }

    /** A driver whose disk takes its time with removals, and that has nothing else. */
    private static final class SlowRemoval implements GraphDriver {
        final CountDownLatch removing = new CountDownLatch(2);
        final CountDownLatch disk = new CountDownLatch(1);

        @Override
        public void remove(ContainerId container) {
            removing.countDown();
            try {
                disk.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public RootFs create(ContainerId container, List<Digest> diffIds) {
            return new RootFs.Directory("/nonexistent/" + container);
        }

        @Override
        public String name() {
            return "slow";
        }

        @Override
        public StoredLayer unpack(@Nullable Digest parent, Digest diffId, InputStream tar) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<StoredLayer> layer(Digest chainId) {
            return Optional.empty();
        }

        @Override
        public List<StoredLayer> layers() {
            return List.of();
        }

        @Override
        public void removeLayer(Digest chainId) {
            throw new UnsupportedOperationException();
        }

        @Override
        public RootFs rootfs(ContainerId container) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long ownBytes(ContainerId container, Duration limit) {
            return 0;
        }

        @Override
        public void changes(ContainerId container, ChangeListener listener) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean writeLayer(ContainerId container, OutputStream tar) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<ContainerId> containers() {
            return List.of();
        }

        @Override
        public MountedRoot mount(ContainerId container) {
            throw new UnsupportedOperationException();
        }
    }
}
