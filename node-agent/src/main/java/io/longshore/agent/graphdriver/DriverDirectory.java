package io.longshore.agent.graphdriver;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;

import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.id.Digest;
import io.longshore.platform.file.DurableFile;
import io.longshore.platform.file.PrivateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A driver's directory: {@code <tree>/diff} for each layer and init layer, {@code containers/}, what else the driver has beside them, and
 * {@code tmp-*} for what is being made or unmade. A tree has its name when all of it is on disk, or not at all. Names here are the agent's
 * own; what is in a {@code diff} is not, and is left to {@link ContainerRoot}. Thread-safe.
 */
public final class DriverDirectory {
    /** A tree's content. */
    public static final String DIFF = "diff";
    /** Where containers' own layers are. */
    public static final String CONTAINERS = "containers";

    private static final Logger LOG = LoggerFactory.getLogger(DriverDirectory.class);
    private static final String TEMPORARY = "tmp-";
    private static final String INIT = "-init";
    private static final String NO_LAYERS = "none";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Syscalls syscalls;
    private final Path directory;
    private final Set<String> trees = ConcurrentHashMap.newKeySet();

    private DriverDirectory(Syscalls syscalls, Path directory) {
        this.syscalls = syscalls;
        this.directory = directory;
    }

    /**
     * Takes the directory, making it if it is missing, and deletes what does not belong to one of these layers: all that a crash may have
     * left.
     *
     * @param beside names of the driver's own that are no trees
     */
    public static DriverDirectory open(Syscalls syscalls, Path directory, Set<Digest> layers, Set<String> beside)
            throws IOException {
        DriverDirectory opened = new DriverDirectory(syscalls, directory.toAbsolutePath());
        PrivateDirectory.make(opened.directory);
        Set<String> wanted = layers.stream().map(DriverDirectory::treeOf).collect(Collectors.toSet());
        wanted.add(NO_LAYERS);
        try (Stream<Path> entries = Files.list(opened.directory)) {
            for (Path tree : entries.toList()) {
                String name = tree.getFileName().toString();
                if (!name.equals(CONTAINERS) && !beside.contains(name)) {
                    opened.take(tree, name, wanted);
                }
            }
        }
        return opened;
    }

    private void take(Path tree, String name, Set<String> wanted) {
        if (wanted.contains(name.endsWith(INIT) ? name.substring(0, name.length() - INIT.length()) : name)) {
            trees.add(name);
        } else {
            deleteQuietly(tree);
        }
    }

    /** The directory itself, absolute. */
    public Path path() {
        return directory;
    }

    /** The name of a layer's tree. */
    public static String treeOf(Digest chainId) {
        return chainId.hex();
    }

    /** The init layer's tree above this image stack; {@code null} for an image without layers. */
    public static String initOf(@Nullable Digest top) {
        return (top == null ? NO_LAYERS : top.hex()) + INIT;
    }

    /** Whether there is such a tree. */
    public boolean holds(String tree) {
        return trees.contains(tree);
    }

    /** The names of all trees. */
    public Set<String> trees() {
        return Set.copyOf(trees);
    }

    /** The host path of a tree's content. */
    public Path diff(String tree) {
        return directory.resolve(tree).resolve(DIFF);
    }

    /** A tree's content, opened. */
    public ContainerRoot content(String tree) throws IOException {
        return ContainerRoot.open(syscalls, diff(tree).toString());
    }

    /** An empty content in one of the driver's directories, in the place of what is there; opened. */
    public ContainerRoot emptyContent(Path within) throws IOException {
        Path diff = within.resolve(DIFF);
        delete(diff);
        Files.createDirectory(diff);
        return ContainerRoot.open(syscalls, diff.toString());
    }

    /** A new directory that is deleted at the next start unless it is {@link #commit}ted. */
    public Path temporary() throws IOException {
        return Files.createTempDirectory(directory, TEMPORARY);
    }

    /** Gives a finished temporary tree its name, durably: all in it is on disk before the name is. */
    public void commit(Path temporary, String tree) throws IOException {
        sync(temporary);
        Files.move(temporary, directory.resolve(tree), StandardCopyOption.ATOMIC_MOVE);
        DurableFile.syncDirectory(directory);
        trees.add(tree);
    }

    /** What makes a tree and {@link #commit}s it. */
    @FunctionalInterface
    public interface Make {
        void run() throws IOException;
    }

    /** Makes a tree that is not there, once however many want it; under the lock of its name. */
    public void makeMissing(String tree, ReentrantLock lock, Make make) throws IOException {
        if (holds(tree)) {
            return;
        }
        lock.lock();
        try {
            if (!holds(tree)) {
                make.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all that was written to the file system that a directory is on is on disk. */
    public void sync(Path within) throws IOException {
        try (Fd opened = syscalls.open(within.toString(), O_RDONLY | O_DIRECTORY, 0)) {
            syscalls.syncfs(opened);
        }
    }

    /** Removes a tree: out of sight at once, then entry by entry. Nothing happens when there is none. */
    public void remove(String tree) throws IOException {
        trees.remove(tree);
        delete(directory.resolve(tree));
    }

    /** Deletes a directory of the driver's, which may have hostile content. Nothing happens when there is none. */
    public void delete(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path grave = directory.resolve(TEMPORARY + Long.toUnsignedString(RANDOM.nextLong()));
        Files.move(tree, grave, StandardCopyOption.ATOMIC_MOVE);
        deleteTree(grave);
    }

    /** One tree that a failing disk or a mark of its content (chattr(1), i) keeps must not keep the agent from starting. */
    private void deleteQuietly(Path tree) {
        try {
            deleteTree(tree);
        } catch (IOException e) {
            LOG.warn("cannot delete {}, the next start tries again: {}", tree, e.toString());
        }
    }

    /** Deletes a directory of the driver's where it is. */
    public void deleteTree(Path tree) throws IOException {
        try (ContainerRoot root = ContainerRoot.open(syscalls, directory.toString())) {
            root.remove(directory.relativize(tree).toString());
        }
    }
}
