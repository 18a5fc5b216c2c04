package io.longshore.oci.archive;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.layer.Decompression;
import io.longshore.oci.layer.EntryPath;
import io.longshore.oci.manifest.ImageJson;
import io.longshore.oci.tar.TarHeader;
import io.longshore.oci.tar.TarLimits;
import io.longshore.oci.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An archive's files by their names in it. The documents that explain an archive come last in it, so all of it is kept on disk first; the
 * files there have names of our own, so that no name in the archive is ever used as a path.
 */
final class Spool {
    /** Legacy archives link a repeated layer to its first copy; nothing needs a chain. */
    private static final int MAX_LINKS = 4;
    /** Of all documents together: five hundred configurations of a common size. */
    private static final long MAX_DOCUMENT_BYTES = 8 << 20;

    private final Map<String, SpooledFile> files = new HashMap<>();
    private final Map<String, EntryPath> links = new HashMap<>();

    private long documentBytes;

    private Spool() {}

    static Spool read(InputStream archive, Path directory, TarLimits limits) throws IOException {
        Spool spool = new Spool();
        TarReader tar = new TarReader(Decompression.open(archive), limits);
        for (TarHeader header = tar.next(); header != null; header = tar.next()) {
            spool.add(header, tar.content(), directory);
        }
        tar.drain();
        return spool;
    }

    private void add(TarHeader header, InputStream content, Path directory) throws IOException {
        EntryPath path = EntryPath.parse(header.name());
        String name = path.toString();
        if (header.type() == TarHeader.Type.DIRECTORY) {
            return;
        }
        if (files.containsKey(name) || links.containsKey(name)) {
            throw new Failure.Invalid("invalid image archive: entry \"" + name + "\" is there twice");
        }
        switch (header.type()) {
            case FILE -> files.put(name, write(content, directory.resolve("f" + files.size())));
            case SYMLINK -> links.put(name, target(path, header.linkName()));
            case HARD_LINK -> links.put(name, EntryPath.parse(header.linkName()));
            default ->
                throw new Failure.Invalid(
                        "invalid image archive: entry \"" + name + "\" is neither file, directory nor link");
        }
    }

    /** Symbolic links are resolved by names alone: {@code ../} goes up within the archive, never out of it. */
    private static EntryPath target(EntryPath link, String target) {
        EntryPath at = link.parent();
        for (String component : target.split("/", -1)) {
            if (component.equals("..")) {
                if (at.isRoot()) {
                    throw new Failure.Invalid("invalid image archive: entry \"" + link + "\" links to \"" + target
                            + "\", outside the archive");
                }
                at = at.parent();
            } else if (component.isEmpty()) {
                throw new Failure.Invalid("invalid image archive: entry \"" + link + "\" links to \"" + target + "\"");
            } else if (!component.equals(".")) {
                at = at.child(component);
            }
        }
        return at;
    }

    private static SpooledFile write(InputStream content, Path file) throws IOException {
        MessageDigest digest = Digest.sha256();
        long size = 0;
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] buffer = new byte[64 << 10];
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                digest.update(buffer, 0, n);
                out.write(buffer, 0, n);
                size += n;
            }
        }
        return new SpooledFile(file, Digest.ofHash(digest.digest()), size);
    }

    /** The file that the archive has under a name, links followed; null when there is none. */
    @Nullable
    SpooledFile find(String name) {
        String at = EntryPath.parse(name).toString();
        for (int i = 0; i <= MAX_LINKS; i++) {
            SpooledFile file = files.get(at);
            if (file != null) {
                return file;
            }
            EntryPath link = links.get(at);
            if (link == null) {
                return null;
            }
            at = link.toString();
        }
        throw new Failure.Invalid("invalid image archive: entry \"" + name + "\": too many links");
    }

    /** The file under a name; {@link Failure.Invalid} when there is none. */
    SpooledFile require(String name) {
        SpooledFile file = find(name);
        if (file == null) {
            throw new Failure.Invalid("invalid image archive: \"" + name + "\" is missing");
        }
        return file;
    }

    /** A blob of an OCI layout, checked against its name (OCI image spec, image-layout.md); null when the layout has not got it. */
    @Nullable
    SpooledFile blob(Digest digest) {
        String name = "blobs/sha256/" + digest.hex();
        SpooledFile file = find(name);
        if (file != null) {
            requireDigest(name, file, digest);
        }
        return file;
    }

    static void requireDigest(String name, SpooledFile file, Digest digest) {
        if (!file.digest().equals(digest)) {
            throw new Failure.Invalid("invalid image archive: \"" + name + "\" has digest " + file.digest()
                    + ", which does not match its name");
        }
    }

    /** A JSON document's bytes; {@link Failure.Invalid} when it, or what was read in all, is larger than documents may be. */
    byte[] document(String name, SpooledFile file) throws IOException {
        if (file.size() > ImageJson.MAX_BYTES) {
            throw new Failure.Invalid("invalid image archive: \"" + name + "\" has " + file.size() + " bytes, at most "
                    + ImageJson.MAX_BYTES + " are allowed");
        }
        documentBytes += file.size();
        if (documentBytes > MAX_DOCUMENT_BYTES) {
            throw new Failure.Invalid("invalid image archive: with \"" + name + "\" its documents have " + documentBytes
                    + " bytes, at most " + MAX_DOCUMENT_BYTES + " are allowed in one archive");
        }
        return Files.readAllBytes(file.file());
    }
}
