package io.longshore.agent.image;

import io.longshore.agent.content.ContentStore;
import io.longshore.contracts.agent.PushRequest;
import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.agent.Transfer.PushedLayer;
import io.longshore.contracts.agent.Transfer.Step;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.ImageReference;
import io.longshore.oci.archive.SpooledFile;
import io.longshore.oci.layer.Decompression;
import io.longshore.oci.registry.RegistryClient;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.GZIPOutputStream;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.jspecify.annotations.Nullable;

/**
 * Brings the layers of one image to a registry: those that it lacks, and that it cannot take from another of its repositories. A layer that
 * lies here plain is compressed first and kept so. One thread {@link #run}s it, another tells its {@link #news}.
 */
final class LayerPush {
    private static final int BUFFER = 128 << 10;

    private final PushRequest request;
    private final ContentStore content;
    private final ConcurrentLinkedQueue<Transfer> told = new ConcurrentLinkedQueue<>();
    private volatile boolean cancelled;
    private volatile @Nullable RegistryClient client;
    /** How far the upload that goes on has come. */
    private volatile @Nullable Transfer progress;

    LayerPush(PushRequest request, ContentStore content) {
        this.request = request;
        this.content = content;
    }

    /** Ends it soon. */
    void cancel() {
        cancelled = true;
        RegistryClient open = client;
        if (open != null) {
            open.close();
        }
    }

    /** Brings all of it, on this thread. */
    List<PushedLayer> run() throws IOException {
        ImageReference repository = ImageReference.parse(request.repository());
        request.diffIds().forEach(diffId -> told.add(Transfer.of(diffId, Step.PREPARING)));
        try (RegistryClient registry = RegistryClient.writing(
                repository.domain(), repository.path(), request.access(), request.login(), request.mountFrom())) {
            client = registry;
            List<PushedLayer> pushed = new ArrayList<>();
            for (Digest diffId : request.diffIds()) {
                PushedLayer layer = compressed(diffId);
                bring(registry, diffId, layer);
                pushed.add(layer);
            }
            return pushed;
        }
    }

    /** What has happened since the last time. */
    List<Transfer> news() {
        List<Transfer> news = new ArrayList<>();
        for (Transfer next = told.poll(); next != null; next = told.poll()) {
            news.add(next);
        }
        Transfer now = progress;
        if (now != null && news.isEmpty()) {
            progress = null;
            news.add(now);
        }
        return news;
    }

    private void bring(RegistryClient registry, Digest diffId, PushedLayer layer) throws IOException {
        if (registry.hasBlob(layer.digest())) {
            told.add(Transfer.of(diffId, Step.LAYER_EXISTS));
            return;
        }
        for (String from : request.mountFrom()) {
            if (registry.mount(layer.digest(), from)) {
                told.add(Transfer.of(diffId, Step.MOUNTED));
                return;
            }
        }
        Path blob = content.path(diffId);
        registry.upload(
                layer.digest(), new EntityTemplate(layer.size(), ContentType.APPLICATION_OCTET_STREAM, null, out -> {
                    try (InputStream in = new Watched(Files.newInputStream(blob), diffId, layer.size())) {
                        in.transferTo(out);
                    }
                }));
        progress = null;
        told.add(Transfer.of(diffId, Step.PUSHED));
    }

    /** Tells how much was read, and stops when the push is cancelled. */
    private final class Watched extends FilterInputStream {
        private final Digest diffId;
        private final long total;
        private long count;

        Watched(InputStream in, Digest diffId, long total) {
            super(in);
            this.diffId = diffId;
            this.total = total;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (cancelled) {
                throw new IOException("cancelled");
            }
            int n = super.read(buffer, offset, length);
            count += Math.max(n, 0);
            progress = Transfer.of(diffId, Step.PUSHING, count, total);
            return n;
        }
    }

    /** The layer's blob as it can be pushed: registries want gzip or zstd. */
    private PushedLayer compressed(Digest diffId) throws IOException {
        Optional<Digest> blob = content.blobOf(diffId);
        Path file = content.path(diffId);
        if (blob.isEmpty() || !Files.exists(file)) {
            throw new Failure.NotFound(
                    "the blob of layer " + diffId + " is not on this node any more; load or pull its image again");
        }
        Decompression kind;
        try (InputStream in = Files.newInputStream(file)) {
            kind = Decompression.of(in.readNBytes(8));
        }
        if (kind == Decompression.GZIP || kind == Decompression.ZSTD) {
            return new PushedLayer(blob.get(), Files.size(file), kind == Decompression.GZIP);
        }
        return compress(diffId, file);
    }

    private PushedLayer compress(Digest diffId, Path file) throws IOException {
        Path directory = content.newIngest();
        try {
            Path compressed = directory.resolve("layer.gz");
            MessageDigest digest = Digest.sha256();
            try (InputStream in = Decompression.open(file);
                    DigestOutputStream out = new DigestOutputStream(Files.newOutputStream(compressed), digest);
                    GZIPOutputStream gzip = new GZIPOutputStream(out, BUFFER)) {
                byte[] buffer = new byte[BUFFER];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (cancelled) {
                        throw new IOException("cancelled");
                    }
                    gzip.write(buffer, 0, n);
                }
            }
            SpooledFile spooled = new SpooledFile(compressed, Digest.ofHash(digest.digest()), Files.size(compressed));
            content.replace(spooled, diffId);
            return new PushedLayer(spooled.digest(), spooled.size(), true);
        } catch (NoSuchFileException e) {
            throw new Failure.NotFound("layer " + diffId + " was removed while it was pushed", e);
        } finally {
            ContentStore.deleteIngest(directory);
        }
    }
}
