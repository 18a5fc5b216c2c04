package io.longshore.agent.image;

import io.longshore.agent.content.ContentStore;
import io.longshore.contracts.agent.SaveRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.archive.ArchiveWriter;
import io.longshore.oci.layer.Decompression;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Writes images into an archive, their layers plain as Docker has them. Thread-safe. */
public final class ImageSave {
    private static final int BUFFER = 128 << 10;

    private final ContentStore content;

    /** Of what lies in the store. */
    public ImageSave(ContentStore content) {
        this.content = content;
    }

    /** Whether all layers' blobs are here; {@code NOT_FOUND} names one that is not. */
    public void check(SaveRequest request) {
        for (Digest diffId : layers(request)) {
            if (!Files.exists(content.path(diffId))) {
                throw new Failure.NotFound(
                        "the blob of layer " + diffId + " is not on this node any more; load or pull its image again");
            }
        }
    }

    /** Writes the archive; a layer is read twice where it is compressed, since its size comes before it. */
    public void write(SaveRequest request, OutputStream output) throws IOException {
        ArchiveWriter archive = new ArchiveWriter(output);
        Map<Digest, Long> sizes = new HashMap<>();
        for (Digest diffId : layers(request)) {
            long size = size(diffId);
            sizes.put(diffId, size);
            try (InputStream in = Decompression.open(content.path(diffId))) {
                archive.layer(diffId, size, in);
            }
        }
        List<ArchiveWriter.Image> images = request.images().stream()
                .map(item -> new ArchiveWriter.Image(item.id(), item.configJson(), item.names(), item.diffIds()))
                .toList();
        archive.finish(images, sizes);
    }

    private static Set<Digest> layers(SaveRequest request) {
        Set<Digest> layers = new LinkedHashSet<>();
        request.images().forEach(image -> layers.addAll(image.diffIds()));
        return layers;
    }

    private long size(Digest diffId) throws IOException {
        try (InputStream in = Files.newInputStream(content.path(diffId))) {
            if (Decompression.of(in.readNBytes(8)) == Decompression.NONE) {
                return Files.size(content.path(diffId));
            }
        }
        long size = 0;
        byte[] buffer = new byte[BUFFER];
        try (InputStream in = Decompression.open(content.path(diffId))) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                size += n;
            }
        }
        return size;
    }
}
