package io.longshore.agent.image;

import io.longshore.contracts.agent.RemoteLayer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.archive.SpooledFile;
import io.longshore.oci.registry.RemoteBlob;
import io.longshore.oci.registry.call.RegistryCaller;
import io.longshore.oci.registry.call.RegistryError;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One blob on its way from a registry into a file, for all who want it: they may read it while it comes, and see its end only when its
 * digest is right. A connection that breaks is taken up where it broke, and so is a file that an agent left that died. Thread-safe.
 */
final class BlobDownload {
    /** Tries that brought next to nothing, one after the other, before it is given up, as Docker does. */
    private static final int TRIES = 5;

    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** What must come in each {@link #FLOOR_TIME}, or the registry counts as stalled: a byte now and then would hold others up for ever. */
    private static final long FLOOR = 64 << 10;

    private static final Duration FLOOR_TIME = Duration.ofMinutes(1);
    /** Between looks whether a reader still wants to read. */
    private static final Duration LOOK = Duration.ofMillis(200);
    /** A registry may keep silent after the last byte, and the disk be slow. */
    private static final Duration VERDICT = Duration.ofSeconds(5);

    private static final int BUFFER = 128 << 10;

    private final RemoteLayer layer;
    private final Path file;
    private final CountedRegistry registry;
    private final Semaphore turns;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private State state = State.WAITING;
    private long received;
    private boolean resumed;
    private @Nullable Failure failure;

    /** What a download has come to. */
    enum State {
        WAITING,
        DOWNLOADING,
        VERIFYING,
        DONE,
        FAILED;

        boolean isOver() {
            return this == DONE || this == FAILED;
        }
    }

    /** Where it is at one moment. */
    record Progress(State state, long received) {}

    /**
     * @param file perhaps with a part of the blob
     * @param registry as the first who wanted it; a share, given back at the end
     * @param turns a permit per download of one registry that may run
     */
    BlobDownload(RemoteLayer layer, Path file, CountedRegistry registry, Semaphore turns) {
        this.layer = layer;
        this.file = file;
        this.registry = registry;
        this.turns = turns;
    }

    /** Makes the file, so that it can be read from now on; an {@link IOException} where there is no room for the blob. */
    void prepare() throws IOException {
        long room = Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace();
        long there = Files.exists(file) ? Files.size(file) : 0;
        if (layer.size() - there > room) {
            throw new IOException(
                    "no space left on device: the blob has " + layer.size() + " bytes, and " + room + " are free");
        }
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
    }

    /** Does it, on this thread, once it is {@linkplain #prepare prepared}; interrupt it to end it. */
    void run() {
        try (registry) {
            turns.acquire();
            try {
                to(State.DOWNLOADING);
                download();
                to(State.DONE);
            } finally {
                turns.release();
            }
        } catch (InterruptedException e) {
            fail(new Failure.Unavailable("the download of " + layer.digest() + " was cancelled", e));
        } catch (Failure e) {
            fail(e);
        } catch (IOException e) {
            fail(new Failure.Internal("writing blob " + layer.digest() + ": " + e.getMessage(), e));
        }
    }

    private void download() throws IOException, InterruptedException {
        MessageDigest digest = Digest.sha256();
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            takeUp(digest);
            for (int tries = 0; received() < layer.size(); ) {
                long before = received();
                try {
                    receive(digest, out);
                } catch (Failure e) {
                    // A byte or two for each connection would go on for ever.
                    tries = received() - before >= FLOOR ? 1 : tries + 1;
                    if (tries >= TRIES || !isWorthAnotherTry(e)) {
                        throw e;
                    }
                    Thread.sleep(PAUSE.multipliedBy(tries));
                }
            }
        }
        to(State.VERIFYING);
        if (!Digest.ofHash(digest.digest()).equals(layer.digest())) {
            Files.deleteIfExists(file);
            throw resumed
                    ? new Spoiled(layer.digest())
                    : new Failure.Invalid("filesystem layer verification failed for digest " + layer.digest());
        }
    }

    /** What an agent left that was cut off turned out not to be what it began: whoever wants the blob may ask for it anew. */
    static final class Spoiled extends Failure.Internal {
        Spoiled(Digest digest) {
            super("what was left of blob " + digest + " was damaged");
        }
    }

    private static boolean isWorthAnotherTry(Failure e) {
        return e instanceof RegistryCaller.Unreachable
                || e instanceof Cut
                || (e instanceof RegistryError refusal && (refusal.status() >= 500 || refusal.status() == 429));
    }

    /** The answer ended, or broke, before the blob did. */
    private static final class Cut extends Failure.Internal {
        Cut(String message, @Nullable Throwable cause) {
            super(message, cause == null ? new IOException(message) : cause);
        }
    }

    /** Digests what is there already. */
    private void takeUp(MessageDigest digest) throws IOException {
        if (Files.size(file) > layer.size()) {
            Files.newByteChannel(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)
                    .close();
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                resumed = true;
                add(n);
            }
        }
    }

    private void receive(MessageDigest digest, OutputStream out) throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER];
        try (RemoteBlob blob = registry.client().blob(layer.digest(), received())) {
            // A registry without ranges begins anew; what is there already is skipped, since content of one digest is
            // one content.
            long skip = received() - blob.offset();
            Floor floor = new Floor();
            while (received() < layer.size()) {
                int n = read(blob, buffer, (int) Math.min(buffer.length, skip + layer.size() - received()));
                int skipped = (int) Math.min(skip, n);
                skip -= skipped;
                digest.update(buffer, skipped, n - skipped);
                out.write(buffer, skipped, n - skipped);
                add(n - skipped);
                floor.add(n);
            }
            if (hasMore(blob)) {
                throw new Failure.Invalid("blob " + layer.digest() + " is longer than the " + layer.size()
                        + " bytes that its manifest says");
            }
        }
    }

    /** An answer that is cut behind the blob is none that matters: the digest says whether it is whole. */
    private static boolean hasMore(RemoteBlob blob) {
        try {
            return blob.content().read() >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    private int read(RemoteBlob blob, byte[] buffer, int most) throws InterruptedException {
        try {
            int n = blob.content().read(buffer, 0, most);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (n < 0) {
                throw new Cut(
                        "unexpected EOF: blob " + layer.digest() + " ended after " + received() + " of " + layer.size()
                                + " bytes",
                        null);
            }
            return n;
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw (InterruptedException) new InterruptedException().initCause(e);
            }
            throw new Cut(
                    "blob " + layer.digest() + " broke off after " + received() + " of " + layer.size() + " bytes: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Watches that enough comes. */
    private final class Floor {
        private long since = System.nanoTime();
        private long bytes;

        void add(int count) {
            bytes += count;
            if (System.nanoTime() - since > FLOOR_TIME.toNanos()) {
                if (bytes < FLOOR) {
                    throw new Cut(
                            "blob " + layer.digest() + " comes too slowly: " + bytes + " bytes in "
                                    + FLOOR_TIME.toSeconds() + " s",
                            null);
                }
                since = System.nanoTime();
                bytes = 0;
            }
        }
    }

    private void add(int count) {
        lock.lock();
        try {
            received += count;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private long received() {
        lock.lock();
        try {
            return received;
        } finally {
            lock.unlock();
        }
    }

    private void to(State next) {
        lock.lock();
        try {
            state = next;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void fail(Failure why) {
        lock.lock();
        try {
            failure = why;
            state = State.FAILED;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    Progress progress() {
        lock.lock();
        try {
            return new Progress(state, received);
        } finally {
            lock.unlock();
        }
    }

    /** Why it failed, if it has. */
    @Nullable
    Failure failure() {
        lock.lock();
        try {
            return failure;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Why it failed, if it has, for who found its content corrupt: where all has come, whether it is what it should be is known in a moment, and
     * says more.
     */
    @Nullable
    Failure verdict(Cancellation cancellation) throws InterruptedException {
        long limit = System.nanoTime() + VERDICT.toNanos();
        lock.lock();
        try {
            while (received == layer.size()
                    && !state.isOver()
                    && !cancellation.isCancelled()
                    && System.nanoTime() < limit) {
                changed.awaitNanos(LOOK.toNanos());
            }
            return failure;
        } finally {
            lock.unlock();
        }
    }

    /** Whether what has come is good for another time. */
    boolean canBeTakenUp() {
        Failure why = failure();
        return why != null && isWorthAnotherTry(why);
    }

    /** The blob in its file, which is whole and right. */
    SpooledFile spooled() {
        return new SpooledFile(file, layer.digest(), layer.size());
    }

    Path file() {
        return file;
    }

    /** The blob as it comes; its end is seen only when the digest is right, an {@link IOException} with the {@link Failure} otherwise. */
    InputStream open(Cancellation cancellation) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        return new Following(Files.newInputStream(file), cancellation);
    }

    /** Whether whoever reads does not want to any more. */
    interface Cancellation {
        boolean isCancelled();
    }

    /** Reads what has been received, and waits for more. */
    private final class Following extends InputStream {
        private final InputStream in;
        private final Cancellation cancellation;
        private long position;

        Following(InputStream in, Cancellation cancellation) {
            this.in = in;
            this.cancellation = cancellation;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            long there = await();
            if (there == 0) {
                return -1;
            }
            int n = in.read(buffer, offset, (int) Math.min(length, there));
            if (n < 0) {
                throw new IOException("blob " + layer.digest() + " became shorter while it was read");
            }
            position += n;
            return n;
        }

        /** How much there is to read; 0 at the end. */
        private long await() throws IOException {
            lock.lock();
            try {
                // Looks after the cancellation now and then; the download itself ends in time, whatever the registry
                // does.
                while (position == received && !state.isOver()) {
                    if (cancellation.isCancelled()) {
                        throw new IOException("cancelled");
                    }
                    changed.awaitNanos(LOOK.toNanos());
                }
                if (state == State.FAILED) {
                    throw new IOException("the download failed", failure);
                }
                return received - position;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
