package io.longshore.agent.image;

import io.longshore.agent.api.NodeLayers;
import io.longshore.agent.content.ContentStore;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.StoredLayer;
import io.longshore.agent.linux.NativePool;
import io.longshore.contracts.agent.HeldLayer;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.LayerChain;
import io.longshore.oci.archive.ArchivedImage;
import io.longshore.oci.archive.ImageArchive;
import io.longshore.oci.archive.SpooledFile;
import io.longshore.oci.layer.Decompression;
import io.longshore.oci.tar.TarLimits;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes images in. A stream is kept on disk first, since the documents that explain it come last; all of it is checked, then layer after
 * layer is unpacked. Either everything of a stream is there, synced, when a call returns, or nothing that was not there before.
 * Thread-safe.
 */
public final class ImageIntake implements NodeLayers {
    /** Of an archive: its entries are blobs and documents, so a hundred images of a hundred layers fit. */
    private static final int ARCHIVE_ENTRIES = 20_000;
    /** Unpacking the largest image on a slow disk. */
    private static final Duration UNPACK = Duration.ofHours(1);
    /** Streams taken in at once; each may lie on disk in full before it is unpacked. */
    private static final int STREAMS = 8;
    /** Longest wait for another stream to end. */
    private static final Duration TURN = Duration.ofMinutes(1);

    private static final String ARCHITECTURE =
            System.getProperty("os.arch").equals("aarch64") ? "arm64" : System.getProperty("os.arch");

    private final GraphDriver driver;
    private final ContentStore content;
    private final NativePool pool;
    private final TarLimits archiveLimits;
    private final NativePool removals;
    private final LayerPins pins = new LayerPins(System::nanoTime);
    private final Semaphore streams = new Semaphore(STREAMS, true);

    /**
     * @param pool where reading and unpacking run
     * @param removals where removing runs
     * @param limits what a layer or an archive may contain; archives have fewer entries
     */
    public ImageIntake(GraphDriver driver, ContentStore content, NativePool pool, NativePool removals, TarLimits limits)
            throws IOException {
        this.driver = driver;
        this.content = content;
        content.retain(driver.layers().stream().map(StoredLayer::diffId).collect(Collectors.toSet()));
        this.pool = pool;
        this.removals = removals;
        this.archiveLimits =
                new TarLimits(Math.min(limits.entries(), ARCHIVE_ENTRIES), limits.headerBytes(), limits.bytes());
    }

    /** Takes in an archive of images; see {@code AgentPaths.LOAD}. */
    public List<LoadedImage> load(InputStream archive) {
        return inIngest("loading an image", directory -> {
            ImageArchive read = ImageArchive.read(archive, directory, archiveLimits);
            return unpacking(work -> {
                List<LoadedImage> loaded = new ArrayList<>();
                for (ArchivedImage image : read.images(ARCHITECTURE)) {
                    List<LoadedLayer> layers = work.unpack(image.diffIds(), image.layers());
                    loaded.add(new LoadedImage(image.id(), image.configJson(), image.names(), layers));
                }
                return loaded;
            });
        });
    }

    /** Takes in a root file system as one layer; see {@code AgentPaths.IMPORT}. */
    public LoadedLayer importRoot(InputStream tar) {
        return inIngest("importing a file system", directory -> {
            SpooledFile file = spool(tar, directory.resolve("root"));
            return unpacking(
                    work -> work.unpack(List.of(diffId(file)), List.of(file)).getFirst());
        });
    }

    /** What writes a layer that is to be taken in. */
    @FunctionalInterface
    public interface LayerWriter {
        /** Writes all of it; whether there is anything in it. */
        boolean write(OutputStream tar) throws IOException;
    }

    /**
     * Takes in a layer that is made here, on top of others, which stay held meanwhile.
     *
     * @param below diff ids of the layers under it, lowest first; {@code NOT_FOUND} names one that is not held
     * @return all layers, lowest first: those below alone when the new one has nothing in it
     */
    public List<LoadedLayer> add(List<Digest> below, LayerWriter layer, Duration limit) {
        if (below.size() >= LayerChain.MAX_LAYERS) {
            throw new Failure.Invalid("max depth exceeded: the image has " + below.size() + " layers already, at most "
                    + LayerChain.MAX_LAYERS + " are supported");
        }
        return inIngest(
                "making a layer",
                directory -> unpacking(limit, work -> {
                    work.hold(below);
                    Path file = directory.resolve("layer");
                    Spooling spooling = new Spooling(Files.newOutputStream(file));
                    boolean any;
                    try (OutputStream out = new BufferedOutputStream(spooling, 64 << 10)) {
                        any = layer.write(out);
                    }
                    return any ? work.on(below, spooling.file(file)) : work.held(below);
                }));
    }

    /** Counts and digests what goes to a file. */
    private final class Spooling extends FilterOutputStream {
        private final MessageDigest digest = Digest.sha256();
        private long size;

        Spooling(OutputStream file) {
            super(file);
        }

        @Override
        public void write(int octet) throws IOException {
            write(new byte[] {(byte) octet}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            size += length;
            if (size > archiveLimits.bytes()) {
                throw new Failure.TooLarge("the layer has more than " + archiveLimits.bytes() + " bytes");
            }
            digest.update(bytes, offset, length);
            out.write(bytes, offset, length);
        }

        SpooledFile file(Path path) {
            return new SpooledFile(path, Digest.ofHash(digest.digest()), size);
        }
    }

    /** Removes layers and their blobs, children first; {@code CONFLICT} names a user of one. What comes before it in the list is gone then. */
    @Override
    public void remove(List<LayerRef> layers, Duration limit) {
        call(removals, limit, "removing layers", () -> {
            for (LayerRef layer : layers) {
                pins.remove(layer.chainId(), () -> removeUnpinned(layer));
            }
            return layers;
        });
    }

    /** Which of the layers are held; confirms the pins that a load put on them. */
    @Override
    public List<LayerRef> held(List<LayerRef> layers) {
        pins.confirm(layers.stream().map(LayerRef::chainId).toList());
        return layers.stream()
                .filter(layer -> driver.layer(layer.chainId()).isPresent())
                .toList();
    }

    @Override
    public List<HeldLayer> list(@Nullable Digest after, int limit) {
        List<StoredLayer> held = driver.layers().stream()
                .filter(layer -> after == null || layer.chainId().compareTo(after) > 0)
                .sorted(Comparator.comparing(StoredLayer::chainId))
                .toList();
        Set<Digest> free = pins.free(held.stream().map(StoredLayer::chainId).toList());
        return held.stream()
                .filter(layer -> free.contains(layer.chainId()))
                .limit(limit)
                .map(layer -> new HeldLayer(layer.chainId(), layer.diffId(), layer.parent(), layer.size()))
                .toList();
    }

    private void removeUnpinned(LayerRef layer) {
        driver.removeLayer(layer.chainId());
        boolean shared =
                driver.layers().stream().anyMatch(other -> other.diffId().equals(layer.diffId()));
        if (!shared) {
            try {
                content.remove(layer.diffId());
            } catch (IOException e) {
                throw failure("removing the blob of layer " + layer.diffId(), e);
            }
        }
    }

    private SpooledFile spool(InputStream in, Path file) throws IOException {
        MessageDigest digest = Digest.sha256();
        long size = 0;
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] buffer = new byte[64 << 10];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                size += n;
                if (size > archiveLimits.bytes()) {
                    throw new Failure.TooLarge("archive has more than " + archiveLimits.bytes() + " bytes");
                }
                digest.update(buffer, 0, n);
                out.write(buffer, 0, n);
            }
        }
        return new SpooledFile(file, Digest.ofHash(digest.digest()), size);
    }

    /** The digest of what the file expands to, found before unpacking so that a bomb costs no disk. */
    private Digest diffId(SpooledFile file) throws IOException {
        if (!isCompressed(file)) {
            return file.digest();
        }
        MessageDigest digest = Digest.sha256();
        try (InputStream in = Decompression.open(file.file())) {
            byte[] buffer = new byte[64 << 10];
            long size = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                size += n;
                if (size > archiveLimits.bytes()) {
                    throw new Failure.TooLarge("archive expands to more than " + archiveLimits.bytes() + " bytes");
                }
            }
        }
        return Digest.ofHash(digest.digest());
    }

    private static boolean isCompressed(SpooledFile file) throws IOException {
        try (InputStream in = Files.newInputStream(file.file())) {
            return Decompression.of(in.readNBytes(8)) != Decompression.NONE;
        }
    }

    /** What is done with a directory of its own. */
    private interface Ingest<T> {
        T run(Path directory) throws IOException;
    }

    private <T> T inIngest(String what, Ingest<T> work) {
        awaitTurn();
        try {
            Path directory = content.newIngest();
            try {
                return work.run(directory);
            } finally {
                ContentStore.deleteIngest(directory);
            }
        } catch (IOException e) {
            throw failure(what, e);
        } finally {
            streams.release();
        }
    }

    private void awaitTurn() {
        try {
            if (!streams.tryAcquire(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new Failure.Unavailable(
                        STREAMS + " images are being loaded or imported already; try again later");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("interrupted while other images were being loaded; try again", e);
        }
    }

    static Failure failure(String what, IOException e) {
        String reason = String.valueOf(e.getMessage());
        boolean full = reason.contains("No space left on device") || reason.contains("no space left on device");
        return new Failure.Internal(what + ": " + (full ? "no space left on device" : reason), e);
    }

    private static <T> T call(NativePool pool, Duration limit, String what, NativePool.Work<T> work) {
        try {
            return pool.call(work, limit);
        } catch (IOException e) {
            throw failure(what, e);
        }
    }

    /** Steps of one operation, undone together when one of them fails. */
    interface Steps<T> {
        T run(Unpacking work) throws IOException;
    }

    private <T> T unpacking(Steps<T> steps) {
        return unpacking(UNPACK, steps);
    }

    private <T> T unpacking(Duration limit, Steps<T> steps) {
        return call(pool, limit, "unpacking layers", () -> together(steps));
    }

    /** Runs the steps on this thread, which must be a platform one. */
    <T> T together(Steps<T> steps) throws IOException {
        Unpacking work = new Unpacking();
        try {
            T result = steps.run(work);
            pins.done(work.pinned.values());
            return result;
        } catch (IOException | RuntimeException e) {
            work.undo(e);
            throw e;
        }
    }

    /** Where a layer's bytes come from. */
    interface Source {
        /** The blob, perhaps compressed. */
        InputStream open() throws IOException;

        /** Keeps the blob as the layer's, which has been unpacked. */
        void keep() throws IOException;
    }

    /** What one operation has pinned and made. For one thread. */
    final class Unpacking {
        private final Map<Digest, LayerPins.Pin> pinned = new HashMap<>();
        private final List<LayerRef> made = new ArrayList<>();

        List<LoadedLayer> unpack(List<Digest> diffIds, List<SpooledFile> files) throws IOException {
            List<LoadedLayer> loaded = new ArrayList<>();
            List<LayerRef> refs = LayerChain.of(diffIds);
            for (int i = 0; i < refs.size(); i++) {
                StoredLayer layer = unpack(i == 0 ? null : refs.get(i - 1), refs.get(i), files.get(i));
                loaded.add(new LoadedLayer(layer.chainId(), layer.diffId(), layer.size()));
            }
            return loaded;
        }

        /** Keeps layers from being removed. */
        void hold(List<Digest> diffIds) {
            LayerChain.of(diffIds).forEach(layer -> pinned.computeIfAbsent(layer.chainId(), pins::pin));
            held(diffIds);
        }

        /** Layers that are there already. */
        List<LoadedLayer> held(List<Digest> diffIds) {
            return LayerChain.of(diffIds).stream()
                    .map(layer -> driver.layer(layer.chainId())
                            .orElseThrow(
                                    () -> new Failure.NotFound("layer " + layer.diffId() + " is not on this node")))
                    .map(layer -> new LoadedLayer(layer.chainId(), layer.diffId(), layer.size()))
                    .toList();
        }

        /** A layer on others that are held. */
        List<LoadedLayer> on(List<Digest> below, SpooledFile file) throws IOException {
            List<LoadedLayer> all = new ArrayList<>(held(below));
            List<Digest> diffIds = new ArrayList<>(below);
            diffIds.add(file.digest());
            List<LayerRef> refs = LayerChain.of(diffIds);
            LayerRef parent = below.isEmpty() ? null : refs.get(below.size() - 1);
            StoredLayer layer = unpack(parent, refs.getLast(), file);
            all.add(new LoadedLayer(layer.chainId(), layer.diffId(), layer.size()));
            return all;
        }

        private StoredLayer unpack(@Nullable LayerRef parent, LayerRef layer, SpooledFile file) throws IOException {
            Optional<StoredLayer> held = pin(layer);
            if (held.isPresent()) {
                keepMissing(file, layer);
                return held.get();
            }
            // A repeated layer's file may have been moved into the store by its first use.
            Path source = Files.exists(file.file()) ? file.file() : content.path(layer.diffId());
            return make(parent, layer, new Source() {
                @Override
                public InputStream open() throws IOException {
                    return Files.newInputStream(source);
                }

                @Override
                public void keep() throws IOException {
                    content.keep(file, layer.diffId());
                }
            });
        }

        /** The layer, pinned from now on, if it is held. */
        Optional<StoredLayer> pin(LayerRef layer) {
            pinned.computeIfAbsent(layer.chainId(), pins::pin);
            return driver.layer(layer.chainId());
        }

        /** Makes a layer that is not held, and is pinned. */
        StoredLayer make(@Nullable LayerRef parent, LayerRef layer, Source source) throws IOException {
            made.add(layer);
            StoredLayer stored;
            try (InputStream blob = source.open();
                    InputStream in = new ReadAhead(new WholeBlob(blob))) {
                stored = driver.unpack(parent == null ? null : parent.chainId(), layer.diffId(), in);
            }
            source.keep();
            return stored;
        }

        /** A crash between a layer and its blob has left the one without the other: the first to bring the blob again mends that. */
        private void keepMissing(SpooledFile file, LayerRef layer) throws IOException {
            if (!Files.exists(content.path(layer.diffId()))
                    && Files.exists(file.file())
                    && diffId(file).equals(layer.diffId())) {
                content.keep(file, layer.diffId());
            }
        }

        void undo(Exception reason) {
            List<Digest> alone = pins.failed(pinned.values());
            for (LayerRef layer : made.reversed()) {
                if (alone.contains(layer.chainId())) {
                    try {
                        pins.remove(layer.chainId(), () -> removeUnpinned(layer));
                    } catch (Failure e) {
                        // Perhaps another load found it just now, and keeps it.
                        reason.addSuppressed(e);
                    }
                }
            }
        }
    }
}
