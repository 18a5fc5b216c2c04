package io.longshore.oci.archive;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.manifest.ImageConfiguration;
import io.longshore.oci.tar.TarLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads archives of whole images, perhaps compressed: what {@code docker save} wrote before version 25 (manifest.json, layer.tar), what it
 * writes since (manifest.json on top of an OCI layout), and OCI image layouts (OCI image spec, image-layout.md).
 */
public final class ImageArchive {
    private ImageArchive() {}

    /**
     * Reads an archive to its end into files in {@code directory}, which must be empty, private, and is the caller's to delete.
     *
     * @param architecture which image to take of an index with several, such as {@code amd64}
     * @return at least one image; {@link Failure.Invalid} names the entry and what is wrong with it
     */
    public static List<ArchivedImage> read(InputStream archive, Path directory, String architecture, TarLimits limits)
            throws IOException {
        Spool spool = Spool.read(archive, directory, limits);
        SpooledFile docker = spool.find(DockerManifest.NAME);
        List<ArchivedImage> images;
        if (docker != null) {
            images = DockerManifest.images(spool, docker);
        } else if (spool.find(OciLayout.INDEX) != null) {
            images = new OciLayout(spool, architecture).images();
        } else {
            throw new Failure.Invalid("invalid image archive: it has neither " + DockerManifest.NAME + " nor "
                    + OciLayout.INDEX + "; a root file system is loaded with docker import");
        }
        if (images.isEmpty()) {
            throw new Failure.Invalid("invalid image archive: there is no image in it");
        }
        return images;
    }

    static ArchivedImage image(String configName, SpooledFile config, List<String> names, List<SpooledFile> layers)
            throws IOException {
        byte[] bytes = Spool.document(configName, config);
        ImageConfiguration configuration =
                ImageConfiguration.parse("image configuration \"" + configName + "\"", bytes);
        List<Digest> diffIds = configuration.diffIds();
        if (diffIds.size() != layers.size()) {
            throw new Failure.Invalid("invalid manifest, layers length mismatch: expected " + diffIds.size() + ", got "
                    + layers.size() + " (\"" + configName + "\")");
        }
        return new ArchivedImage(
                config.digest(), text(configName, bytes), configuration, List.copyOf(names), List.copyOf(layers));
    }

    /** The text whose UTF-8 bytes are exactly these, so that the configuration can be kept as text and still have its digest. */
    private static String text(String configName, byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Failure.Invalid("image configuration \"" + configName + "\" is not UTF-8", e);
        }
    }
}
