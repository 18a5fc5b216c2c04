package io.longshore.agent.content;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.archive.SpooledFile;
import io.longshore.platform.file.DurableFile;
import io.longshore.platform.file.PrivateDirectory;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Layers' blobs by digest, as they came: {@code sha256/<digits>}, and {@code diffs/<digits>}, a link from a layer's diff id to the blob it
 * was unpacked from. What comes in lies in {@code ingest/} until it is whole; all of that is deleted at the start. What comes from a registry
 * lies in {@code partial/} by its digest and stays there when the agent ends, so that it need not come again. Thread-safe.
 */
public final class ContentStore {
    /** What nobody has gone on with for that long is not waited for any more. */
    private static final Duration PARTIAL_AGE = Duration.ofDays(1);

    private final Path blobs;
    private final Path diffs;
    private final Path ingest;
    private final Path partial;

    private ContentStore(Path directory) {
        blobs = directory.resolve("sha256");
        diffs = directory.resolve("diffs");
        ingest = directory.resolve("ingest");
        partial = directory.resolve("partial");
    }

    /** Opens the store in a directory, which is made if it is missing. */
    public static ContentStore open(Path directory) throws IOException {
        ContentStore store = new ContentStore(PrivateDirectory.make(directory.toAbsolutePath()));
        Files.createDirectories(store.blobs);
        Files.createDirectories(store.diffs);
        Files.createDirectories(store.ingest);
        Files.createDirectories(store.partial);
        store.dropOldPartials();
        for (Path left : list(store.ingest)) {
            deleteIngest(left);
        }
        return store;
    }

    /** Deletes what nobody has gone on with for a day. */
    public void dropOldPartials() throws IOException {
        Instant oldest = Instant.now().minus(PARTIAL_AGE);
        for (Path file : list(partial)) {
            if (Files.getLastModifiedTime(file).toInstant().isBefore(oldest)) {
                Files.delete(file);
            }
        }
    }

    /** Where a blob of a repository lies until all of it has come. */
    public Path partial(Digest blob, String repository) {
        Digest from = Digest.of(repository.getBytes(StandardCharsets.UTF_8));
        return partial.resolve(blob.hex() + "-" + from.hex().substring(0, 16));
    }

    /** A new empty directory for one operation; give it to {@link #deleteIngest} at the end. */
    public Path newIngest() throws IOException {
        return Files.createTempDirectory(ingest, "in-");
    }

    /** Deletes an operation's directory with the files that are left in it. */
    public static void deleteIngest(Path directory) throws IOException {
        for (Path file : list(directory)) {
            Files.delete(file);
        }
        Files.delete(directory);
    }

    /** Keeps a file as the blob of the layer, durably: it is moved, unless the layer has a blob already. */
    public void keep(SpooledFile file, Digest diffId) throws IOException {
        Path link = diffs.resolve(diffId.hex());
        if (Files.exists(link) || !Files.exists(file.file(), LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file.file(), StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(file.file(), blobs.resolve(file.digest().hex()), StandardCopyOption.ATOMIC_MOVE);
        DurableFile.syncDirectory(blobs);
        try {
            Files.createSymbolicLink(link, Path.of("..", "sha256", file.digest().hex()));
        } catch (FileAlreadyExistsException e) {
            // The same layer came in twice at once: the first blob stays, and this one goes unless it is the same.
            if (!blobOf(diffId).equals(Optional.of(file.digest()))) {
                Files.deleteIfExists(blobs.resolve(file.digest().hex()));
            }
            return;
        }
        DurableFile.syncDirectory(diffs);
    }

    /** Keeps a file as the blob of the layer instead of the one that it has, which another form of the same layer is. Durable. */
    public void replace(SpooledFile file, Digest diffId) throws IOException {
        Optional<Digest> before = blobOf(diffId);
        if (before.isEmpty() || before.get().equals(file.digest())) {
            keep(file, diffId);
            return;
        }
        try (FileChannel channel = FileChannel.open(file.file(), StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(file.file(), blobs.resolve(file.digest().hex()), StandardCopyOption.ATOMIC_MOVE);
        DurableFile.syncDirectory(blobs);
        Path linking = Files.createTempDirectory(ingest, "link-");
        Path link = linking.resolve("link");
        Files.createSymbolicLink(link, Path.of("..", "sha256", file.digest().hex()));
        Files.move(link, diffs.resolve(diffId.hex()), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(linking);
        DurableFile.syncDirectory(diffs);
        Files.deleteIfExists(blobs.resolve(before.get().hex()));
    }

    /** The digest of the layer's blob. */
    public Optional<Digest> blobOf(Digest diffId) throws IOException {
        try {
            Path target = Files.readSymbolicLink(diffs.resolve(diffId.hex()));
            return Optional.of(Digest.ofHex(String.valueOf(target.getFileName())));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Deletes the blobs of all layers but these: what a crash in a removal left. For the start, before others use the store. */
    public void retain(Set<Digest> diffIds) throws IOException {
        for (Path link : list(diffs)) {
            Digest diffId = Digest.ofHex(String.valueOf(link.getFileName()));
            if (!diffIds.contains(diffId)) {
                remove(diffId);
            }
        }
        Set<String> linked = new HashSet<>();
        for (Path link : list(diffs)) {
            linked.add(String.valueOf(Files.readSymbolicLink(link).getFileName()));
        }
        for (Path blob : list(blobs)) {
            if (!linked.contains(String.valueOf(blob.getFileName()))) {
                Files.delete(blob);
            }
        }
    }

    /** Where the layer's blob lies, if it has one. */
    public Path path(Digest diffId) {
        return diffs.resolve(diffId.hex());
    }

    /** Deletes the layer's blob; nothing happens when there is none. */
    public void remove(Digest diffId) throws IOException {
        Optional<Digest> blob = blobOf(diffId);
        if (blob.isPresent()) {
            Files.deleteIfExists(blobs.resolve(blob.get().hex()));
            Files.deleteIfExists(diffs.resolve(diffId.hex()));
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }
}
