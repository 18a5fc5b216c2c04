package io.longshore.agent.image;

import io.longshore.agent.content.ContentStore;
import io.longshore.contracts.agent.RemoteLayer;
import io.longshore.contracts.id.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The downloads under way: who wants a blob of a repository that already comes shares it. A few run at once of each registry, so that a
 * slow one delays its own only. A download that nobody wants any more ends, and what has come of it goes; after one whose registry broke
 * off it stays for a day. Thread-safe.
 */
final class Downloads {
    /** As Docker's max-concurrent-downloads. */
    private static final int AT_ONCE = 3;

    private final ContentStore content;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Shared> shared = new HashMap<>();
    private final Map<String, Registry> registries = new HashMap<>();

    Downloads(ContentStore content) {
        this.content = content;
    }

    /** Who may read a repository may have its blobs; one digest in two repositories comes twice. */
    private record Key(String repository, Digest digest) {}

    private static final class Registry {
        final Semaphore turns = new Semaphore(AT_ONCE, true);
        int downloads;
    }

    private static final class Shared {
        final Key key;
        final String domain;
        final BlobDownload download;
        final Thread thread;
        int users;

        Shared(Key key, String domain, BlobDownload download) {
            this.key = key;
            this.domain = domain;
            this.download = download;
            this.thread = Thread.ofVirtual().name("download").unstarted(download::run);
        }
    }

    /** One user's share in a download, to be closed. */
    final class Share implements AutoCloseable {
        private final Shared of;
        private final boolean first;
        private boolean closed;

        private Share(Shared of, boolean first) {
            this.of = of;
            this.first = first;
        }

        BlobDownload download() {
            return of.download;
        }

        /** Whether it was begun for this user, with what this user may do. */
        boolean isFirst() {
            return first;
        }

        /** Keeps the blob, which has come and is right, as the layer's. */
        void keep(Digest diffId) throws IOException {
            lock.lock();
            try {
                content.keep(of.download.spooled(), diffId);
                // Its file may have gone into the store: whoever comes now finds it there.
                shared.remove(of.key, of);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (!closed) {
                    closed = true;
                    leave(of);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Takes part in the download of a blob, which begins if nobody has begun it.
     *
     * @param registry asked if it begins
     */
    Share join(String domain, String repository, RemoteLayer layer, CountedRegistry registry) {
        Key key = new Key(repository, layer.digest());
        lock.lock();
        try {
            Shared found = shared.get(key);
            boolean begin = false;
            if (found == null || found.download.failure() != null) {
                begin = true;
                found = begin(key, domain, layer, registry);
            }
            found.users++;
            return new Share(found, begin);
        } finally {
            lock.unlock();
        }
    }

    private Shared begin(Key key, String domain, RemoteLayer layer, CountedRegistry registry) {
        Path file = content.partial(layer.digest(), key.repository);
        Registry turns = registries.computeIfAbsent(domain, none -> new Registry());
        CountedRegistry share = registry.share();
        BlobDownload download = new BlobDownload(layer, file, share, turns.turns);
        try {
            download.prepare();
        } catch (IOException e) {
            share.close();
            throw ImageIntake.failure("making " + file, e);
        }
        turns.downloads++;
        Shared begun = new Shared(key, domain, download);
        shared.put(key, begun);
        begun.thread.start();
        return begun;
    }

    private void leave(Shared of) {
        of.users--;
        if (of.users > 0) {
            return;
        }
        shared.remove(of.key, of);
        of.thread.interrupt();
        Registry turns = registries.get(of.domain);
        if (turns != null && --turns.downloads == 0) {
            registries.remove(of.domain);
        }
        Thread.ofVirtual().name("download-end").start(() -> discard(of));
    }

    /** What has come goes when nobody writes to it any more. */
    private void discard(Shared of) {
        try {
            of.thread.join();
            lock.lock();
            try {
                if (!shared.containsKey(of.key) && !of.download.canBeTakenUp()) {
                    Files.deleteIfExists(of.download.file());
                }
            } finally {
                lock.unlock();
            }
            content.dropOldPartials();
        } catch (IOException | InterruptedException e) {
            // It is deleted when it is a day old.
        }
    }
}
