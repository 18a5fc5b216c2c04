package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.Places;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Work that depends on what a container, or its client, has made: its lists of accounts lie where it says, perhaps on a file system of its
 * own that never answers, and its seccomp profile is as large as may be. On threads of its own, so that spawns do not wait for it, and one
 * at a time for each container. Thread-safe.
 */
final class Looks implements AutoCloseable {
    private final NativePool pool = new NativePool("exec-look", 32, 1024);
    private final Places places = new Places("exec", 1, 256);

    /**
     * Does work and waits for it.
     *
     * @param discard closes a result that comes when nobody waits for it any more
     */
    <T> T call(ContainerId container, NativePool.Work<T> work, Duration limit, Consumer<? super T> discard)
            throws IOException {
        try (Places.Place place = places.take(container, limit)) {
            return pool.call(place.keeping(work), limit, discard);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
