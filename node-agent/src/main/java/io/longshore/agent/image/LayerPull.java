package io.longshore.agent.image;

import io.longshore.agent.content.ContentStore;
import io.longshore.agent.graphdriver.StoredLayer;
import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.agent.PullRequest;
import io.longshore.contracts.agent.RemoteLayer;
import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.agent.Transfer.Step;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.ImageReference;
import io.longshore.oci.LayerChain;
import io.longshore.oci.registry.RegistryClient;
import io.longshore.oci.tar.TarLimits;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings the layers of one image for one client: those that the node lacks come side by side, and each is unpacked on those under it
 * while it comes. One thread {@link #run}s it, another tells its {@link #news}.
 */
final class LayerPull {
    private final PullRequest request;
    private final ImageReference repository;
    private final ImageIntake intake;
    private final ContentStore content;
    private final Downloads downloads;
    private final List<Piece> pieces = new ArrayList<>();
    private volatile boolean cancelled;
    private volatile boolean begun;

    LayerPull(PullRequest request, ImageIntake intake, ContentStore content, Downloads downloads) {
        this.request = request;
        this.repository = ImageReference.parse(request.repository());
        this.intake = intake;
        this.content = content;
        this.downloads = downloads;
        List<Digest> diffIds =
                request.layers().stream().map(RemoteLayer::diffId).toList();
        List<LayerRef> refs = LayerChain.of(diffIds);
        for (int i = 0; i < refs.size(); i++) {
            pieces.add(new Piece(request.layers().get(i), refs.get(i), i == 0 ? null : refs.get(i - 1)));
        }
    }

    /** A manifest may say anything. Compressed, a layer is no larger than it may be unpacked. */
    private static void check(RemoteLayer layer) {
        if (layer.size() < 0 || layer.size() > TarLimits.DEFAULT.bytes()) {
            throw new Failure.Invalid("layer " + layer.digest() + " has " + layer.size() + " bytes, at most "
                    + TarLimits.DEFAULT.bytes() + " are allowed");
        }
    }

    /** Ends it soon. */
    void cancel() {
        cancelled = true;
    }

    /** Brings all of it, on this platform thread. */
    List<LoadedLayer> run() throws IOException {
        request.layers().forEach(LayerPull::check);
        try (CountedRegistry registry = new CountedRegistry(
                RegistryClient.reading(repository.domain(), repository.path(), request.access(), request.login()))) {
            return intake.together(work -> {
                try {
                    pieces.forEach(piece -> piece.begin(work, registry));
                    begun = true;
                    List<LoadedLayer> loaded = new ArrayList<>();
                    for (Piece piece : pieces) {
                        StoredLayer layer = piece.finish(work, registry);
                        loaded.add(new LoadedLayer(layer.chainId(), layer.diffId(), layer.size()));
                    }
                    return loaded;
                } finally {
                    pieces.forEach(Piece::leave);
                }
            });
        }
    }

    /** What has happened since the last time, in the order in which Docker tells it. For one thread. */
    List<Transfer> news() {
        List<Transfer> news = new ArrayList<>();
        if (begun) {
            // All are announced before more is told of any, however quickly the first of them came.
            pieces.forEach(piece -> piece.announce(news));
            pieces.forEach(piece -> piece.tell(news));
        }
        return news;
    }

    /** One layer. */
    private final class Piece {
        private final RemoteLayer remote;
        private final LayerRef layer;
        private final @Nullable LayerRef parent;
        private volatile Downloads.@Nullable Share share;
        private volatile @Nullable StoredLayer held;
        private volatile long unpacked = -1;
        private volatile boolean done;
        // What was told; the telling thread's own.
        private @Nullable Step told;
        private long toldBytes;

        Piece(RemoteLayer remote, LayerRef layer, @Nullable LayerRef parent) {
            this.remote = remote;
            this.layer = layer;
            this.parent = parent;
        }

        void begin(ImageIntake.Unpacking work, CountedRegistry registry) {
            StoredLayer there = work.pin(layer).orElse(null);
            boolean blob = Files.exists(content.path(layer.diffId()));
            if (there != null && blob) {
                held = there;
                done = true;
            } else if (!blob) {
                share = join(registry);
            }
        }

        private Downloads.Share join(CountedRegistry registry) {
            return downloads.join(repository.domain(), request.repository(), remote, registry);
        }

        StoredLayer finish(ImageIntake.Unpacking work, CountedRegistry registry) throws IOException {
            StoredLayer there = held;
            if (there != null) {
                return there;
            }
            try {
                there = unpack(work);
            } catch (IOException | Failure e) {
                Failure why = downloadFailure();
                if (cancelled || !mayTryAgain(why)) {
                    throw failure(e, why);
                }
                leave();
                share = join(registry);
                there = unpack(work);
            }
            done = true;
            return there;
        }

        private @Nullable Failure downloadFailure() {
            Downloads.Share mine = share;
            if (mine == null) {
                return null;
            }
            try {
                return mine.download().verdict(() -> cancelled);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return mine.download().failure();
            }
        }

        /** Once more, as oneself: where another's download failed, or one that went on after a crash. */
        private boolean mayTryAgain(@Nullable Failure why) {
            Downloads.Share mine = share;
            return mine != null && why != null && (!mine.isFirst() || why instanceof BlobDownload.Spoiled);
        }

        /** The download's own failure rather than that of whoever read it. */
        private IOException failure(Exception e, @Nullable Failure why) {
            if (why != null) {
                throw why;
            }
            if (e instanceof Failure failure) {
                throw failure;
            }
            return e instanceof IOException io ? io : new IOException(e.getMessage(), e);
        }

        private StoredLayer unpack(ImageIntake.Unpacking work) throws IOException {
            StoredLayer there = work.pin(layer).orElse(null);
            if (there == null) {
                unpacked = 0;
                return work.make(parent, layer, new Source());
            }
            mend();
            return there;
        }

        /** A crash has left the layer without its blob, or another brought the layer just now. */
        private void mend() throws IOException {
            Downloads.Share mine = share;
            if (mine == null || Files.exists(content.path(layer.diffId()))) {
                return;
            }
            try (InputStream in = mine.download().open(() -> cancelled);
                    DigestInputStream plain = new DigestInputStream(new WholeBlob(in), Digest.sha256())) {
                plain.transferTo(java.io.OutputStream.nullOutputStream());
                if (Digest.ofHash(plain.getMessageDigest().digest()).equals(layer.diffId())) {
                    mine.keep(layer.diffId());
                }
            }
        }

        void leave() {
            Downloads.Share mine = share;
            if (mine != null) {
                mine.close();
            }
        }

        private final class Source implements ImageIntake.Source {
            @Override
            public InputStream open() throws IOException {
                Downloads.Share mine = share;
                return new Counted(
                        mine == null || Files.exists(content.path(layer.diffId()))
                                ? Files.newInputStream(content.path(layer.diffId()))
                                : mine.download().open(() -> cancelled));
            }

            @Override
            public void keep() throws IOException {
                Downloads.Share mine = share;
                if (mine != null) {
                    mine.keep(layer.diffId());
                }
            }
        }

        private final class Counted extends FilterInputStream {
            private long count;

            Counted(InputStream in) {
                super(in);
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                if (cancelled) {
                    throw new IOException("cancelled");
                }
                int n = super.read(buffer, offset, length);
                count += Math.max(n, 0);
                unpacked = count;
                return n;
            }
        }

        void announce(List<Transfer> news) {
            if (told == null) {
                say(news, held != null ? Step.ALREADY_EXISTS : Step.QUEUED);
            }
        }

        void tell(List<Transfer> news) {
            if (told == Step.ALREADY_EXISTS || told == Step.PULLED) {
                return;
            }
            Downloads.Share mine = share;
            BlobDownload.Progress progress =
                    mine == null ? null : mine.download().progress();
            if (told == Step.QUEUED || told == Step.WAITING || told == Step.DOWNLOADING) {
                tellDownload(news, progress);
            }
            if (told == Step.DOWNLOADED || told == Step.EXTRACTING) {
                tellUnpacking(news);
            }
        }

        private void tellDownload(List<Transfer> news, BlobDownload.@Nullable Progress progress) {
            if (progress != null && progress.state() == BlobDownload.State.WAITING) {
                if (told == Step.QUEUED) {
                    say(news, Step.WAITING);
                }
                return;
            }
            if (progress != null && progress.received() > 0 && progress.received() != toldBytes) {
                toldBytes = progress.received();
                told = Step.DOWNLOADING;
                news.add(Transfer.of(remote.digest(), Step.DOWNLOADING, toldBytes, remote.size()));
            }
            if (done || progress == null || progress.state() == BlobDownload.State.DONE) {
                say(news, Step.VERIFYING);
                say(news, Step.DOWNLOADED);
                toldBytes = -1;
            }
        }

        private void tellUnpacking(List<Transfer> news) {
            long now = Math.min(unpacked, remote.size());
            if (now >= 0 && now != toldBytes) {
                toldBytes = now;
                told = Step.EXTRACTING;
                news.add(Transfer.of(remote.digest(), Step.EXTRACTING, now, remote.size()));
            }
            if (done) {
                say(news, Step.PULLED);
            }
        }

        private void say(List<Transfer> news, Step step) {
            told = step;
            news.add(Transfer.of(remote.digest(), step));
        }
    }
}
