package io.longshore.oci.archive;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.manifest.Descriptor;
import io.longshore.oci.manifest.Document;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An OCI image layout (OCI image spec, image-layout.md): {@code index.json} and the blobs it leads to. */
final class OciLayout {
    static final String INDEX = "index.json";

    /** containerd's and docker's full name of an image in a layout. */
    static final String FULL_NAME = "io.containerd.image.name";
    /** OCI's: often only a tag. */
    static final String REF_NAME = "org.opencontainers.image.ref.name";
    /** An index in an index is all that tools write. */
    private static final int MAX_DEPTH = 4;
    /** Documents read in all, so that a small archive cannot ask for endless work by naming one index many times. */
    private static final int MAX_DOCUMENTS = 1000;

    private final Spool spool;
    private final String architecture;
    private final ImageCollection images;
    private final Map<Digest, Document> read = new HashMap<>();
    private int documents;

    OciLayout(Spool spool, String architecture, ImageCollection images) {
        this.spool = spool;
        this.architecture = architecture;
        this.images = images;
    }

    void read() throws IOException {
        byte[] bytes = spool.document(INDEX, spool.require(INDEX));
        if (!(Document.parse(INDEX, bytes, null) instanceof Document.Index index)) {
            throw new Failure.Invalid("invalid image archive: " + INDEX + " is no image index");
        }
        for (Descriptor descriptor : index.manifests()) {
            if (!isAttestation(descriptor)) {
                add(descriptor, name(descriptor), 1);
            }
        }
    }

    private static boolean isAttestation(Descriptor descriptor) {
        return descriptor.platform() != null
                && "unknown".equals(descriptor.platform().os());
    }

    private static List<String> name(Descriptor descriptor) {
        String full = descriptor.annotation(FULL_NAME);
        String name = full != null ? full : descriptor.annotation(REF_NAME);
        boolean onlyTag = name == null || (full == null && name.indexOf('/') < 0 && name.indexOf(':') < 0);
        return onlyTag ? List.of() : List.of(name);
    }

    private void add(Descriptor descriptor, List<String> names, int depth) throws IOException {
        if (depth > MAX_DEPTH || ++documents > MAX_DOCUMENTS) {
            throw new Failure.Invalid("invalid image archive: indexes are nested more than " + MAX_DEPTH
                    + " deep, or there are more than " + MAX_DOCUMENTS + " documents");
        }
        String blobName = descriptor.digest().toString();
        switch (read(descriptor, blobName)) {
            case Document.Manifest manifest -> add(manifest, names);
            case Document.Index index -> add(choose(blobName, index), names, depth + 1);
        }
    }

    /** Read once: several descriptors may name one document, each with a name of its own for the image. */
    private Document read(Descriptor descriptor, String blobName) throws IOException {
        Document known = read.get(descriptor.digest());
        if (known == null) {
            known = Document.parse(blobName, spool.document(blobName, content(descriptor)), descriptor.mediaType());
            read.put(descriptor.digest(), known);
        }
        return known;
    }

    /** The image for this machine; a layout need not have the blobs of the others. */
    private Descriptor choose(String indexName, Document.Index index) {
        for (Descriptor candidate : index.manifests()) {
            Descriptor.Platform platform = candidate.platform();
            if (platform != null && "linux".equals(platform.os()) && architecture.equals(platform.architecture())) {
                return candidate;
            }
        }
        return index.manifests().stream()
                .filter(candidate -> candidate.platform() == null)
                .findFirst()
                .orElseThrow(() -> new Failure.Invalid(
                        "invalid image archive: index " + indexName + " has no image for linux/" + architecture));
    }

    private void add(Document.Manifest manifest, List<String> names) throws IOException {
        manifest.requireImage("invalid image archive: ");
        Descriptor config = manifest.config();
        List<SpooledFile> layers = new ArrayList<>();
        for (Descriptor layer : manifest.layers()) {
            layers.add(content(layer));
        }
        images.add(config.digest().toString(), content(config), names, layers);
    }

    private SpooledFile content(Descriptor descriptor) {
        @Nullable SpooledFile blob = spool.blob(descriptor.digest());
        if (blob == null) {
            throw new Failure.Invalid("invalid image archive: blob " + descriptor.digest() + " is missing");
        }
        if (blob.size() != descriptor.size()) {
            throw new Failure.Invalid("invalid image archive: blob " + descriptor.digest() + " has " + blob.size()
                    + " bytes, its descriptor says " + descriptor.size());
        }
        return blob;
    }
}
