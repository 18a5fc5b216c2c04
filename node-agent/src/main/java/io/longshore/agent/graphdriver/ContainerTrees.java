package io.longshore.agent.graphdriver;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.oci.LayerChain;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directories of containers' own layers, and on which image each stands: a symbolic link {@code image} whose target is the chain id's
 * digits, or {@code none}. A link is made in one step and needs no sync of content, so create costs no disk wait; what a power cut takes
 * is made anew when the container is applied again. Thread-safe.
 */
public final class ContainerTrees {
    private static final String IMAGE = "image";
    private static final String NO_LAYERS = "none";

    private final Path directory;
    private final LayerRecords records;

    private ContainerTrees(Path directory, LayerRecords records) {
        this.directory = directory;
        this.records = records;
    }

    /** Takes the directory as it is, making it if it is missing, and notes in the records who uses what. */
    public static ContainerTrees open(Path directory, LayerRecords records) throws IOException {
        ContainerTrees trees = new ContainerTrees(Files.createDirectories(directory), records);
        for (ContainerId container : trees.read()) {
            Path link = trees.tree(container).resolve(IMAGE);
            if (Files.isSymbolicLink(link)) {
                Digest top = top(link);
                if (top != null && records.find(top).isPresent()) {
                    records.use(top, container);
                }
            }
        }
        return trees;
    }

    /** The image stack that these diff ids make: the topmost chain id, null for an image without layers. */
    public static @Nullable Digest top(List<Digest> diffIds) {
        return diffIds.isEmpty() ? null : LayerChain.of(diffIds).getLast().chainId();
    }

    /** What else there is to do before a container's directory counts as made. */
    public interface Finish {
        void run() throws IOException;
    }

    /**
     * Makes the container's directory with these sub-directories, and notes its image when all of it is done. Nothing happens when it is
     * noted already; {@code CONFLICT} when the container stands on another.
     */
    public Path create(ContainerId container, @Nullable Digest top, List<String> subdirectories, Finish finish)
            throws IOException {
        if (top != null) {
            records.use(top, container);
        }
        Path tree = tree(container);
        if (standsOn(tree, top)) {
            return tree;
        }
        makeDirectory(tree);
        for (String name : subdirectories) {
            makeDirectory(tree.resolve(name));
        }
        finish.run();
        Path link = tree.resolve(IMAGE);
        try {
            Files.createSymbolicLink(link, Path.of(top == null ? NO_LAYERS : top.hex()));
        } catch (FileAlreadyExistsException e) {
            Digest other = top(link);
            if (other == null ? top != null : !other.equals(top)) {
                throw new Failure.Conflict(
                        "container " + container + " stands on image layer " + other + ", not on " + top, e);
            }
        }
        return tree;
    }

    private static boolean standsOn(Path tree, @Nullable Digest top) {
        try {
            Digest image = top(tree.resolve(IMAGE));
            return image == null ? top == null : image.equals(top);
        } catch (IOException e) {
            return false; // not made yet, or not wholly
        }
    }

    private static void makeDirectory(Path path) throws IOException {
        try {
            Files.createDirectory(path);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(path)) {
                throw e;
            }
        }
    }

    /** On which stack the container stands, null for one without layers; {@code NOT_FOUND} when {@link #create} was not, or not wholly, done. */
    public @Nullable Digest imageOf(ContainerId container) {
        Path link = tree(container).resolve(IMAGE);
        try {
            return top(link);
        } catch (IOException e) {
            throw new Failure.NotFound("container " + container + " has no layer on this node", e);
        }
    }

    /**
     * When {@link #create} was done with the container, by the file system's clock: what changed later has a later change time, or the same
     * one. {@code NOT_FOUND} as for {@link #imageOf}.
     */
    public Instant made(ContainerId container) {
        Path link = tree(container).resolve(IMAGE);
        try {
            FileTime changed = (FileTime) Files.getAttribute(link, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
            return changed.toInstant();
        } catch (IOException e) {
            throw new Failure.NotFound("container " + container + " has no layer on this node", e);
        }
    }

    /** Whether the container has a directory, if perhaps a half made one. */
    public boolean holds(ContainerId container) {
        return Files.isDirectory(tree(container), LinkOption.NOFOLLOW_LINKS);
    }

    private static @Nullable Digest top(Path link) throws IOException {
        String target = Files.readSymbolicLink(link).toString();
        return target.equals(NO_LAYERS) ? null : Digest.ofHex(target);
    }

    /** The container's directory, whether it exists or not. */
    public Path tree(ContainerId container) {
        return directory.resolve(container.value());
    }

    /** All containers that have a directory. */
    public List<ContainerId> list() {
        try {
            return read();
        } catch (IOException e) {
            throw LayerRecords.diskFailure("listing containers' layers", e);
        }
    }

    private List<ContainerId> read() throws IOException {
        List<ContainerId> containers = new ArrayList<>();
        try (Stream<Path> trees = Files.list(directory)) {
            for (Path tree : trees.toList()) {
                try {
                    containers.add(ContainerId.parse(tree.getFileName().toString()));
                } catch (Failure.Invalid e) {
                    throw new IOException(tree + " does not belong to a container; move it away", e);
                }
            }
        }
        return containers;
    }
}
