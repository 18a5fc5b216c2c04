package io.longshore.oci.archive;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.tar.TarLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/**
 * An archive of whole images, perhaps compressed: what {@code docker save} wrote before version 25 (manifest.json, layer.tar), what it
 * writes since (manifest.json on top of an OCI layout), and OCI image layouts (OCI image spec, image-layout.md). Not thread-safe.
 */
public final class ImageArchive {
    private final Spool spool;

    private ImageArchive(Spool spool) {
        this.spool = spool;
    }

    /** Reads an archive to its end into files in {@code directory}, which must be empty, private, and is the caller's to delete. */
    public static ImageArchive read(InputStream archive, Path directory, TarLimits limits) throws IOException {
        return new ImageArchive(Spool.read(archive, directory, limits));
    }

    /**
     * The images, each once with all its names. Parses what may be megabytes of documents, so a few at a time, please.
     *
     * @param architecture which image to take of an index with several, such as {@code amd64}
     * @return at least one; {@link Failure.Invalid} names the entry and what is wrong with it
     */
    public List<ArchivedImage> images(String architecture) throws IOException {
        ImageCollection images = new ImageCollection(spool);
        SpooledFile docker = spool.find(DockerManifest.NAME);
        if (docker != null) {
            DockerManifest.read(spool, docker, images);
        } else if (spool.find(OciLayout.INDEX) != null) {
            new OciLayout(spool, architecture, images).read();
        } else {
            throw new Failure.Invalid("invalid image archive: it has neither " + DockerManifest.NAME + " nor "
                    + OciLayout.INDEX + "; a root file system is loaded with docker import");
        }
        List<ArchivedImage> found = images.all();
        if (found.isEmpty()) {
            throw new Failure.Invalid("invalid image archive: there is no image in it");
        }
        return found;
    }
}
