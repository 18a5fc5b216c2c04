package io.longshore.agent.graphdriver.overlay2;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;

import io.longshore.agent.file.DurableFile;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.id.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's directory: {@code <tree>/diff} and {@code <tree>/link} for each layer and init layer, {@code l/<short>} linking to the
 * {@code diff} of the tree whose {@code link} has that short name, {@code containers/}, {@code mnt/} on which each container mounts its root
 * in a mount namespace of its own, and {@code tmp-*} for what is being made or unmade. Names here are the agent's own; what is in a {@code diff} is not, and is left to {@link ContainerRoot}. Thread-safe.
 */
final class DriverDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(DriverDirectory.class);
    static final String DIFF = "diff";
    static final String CONTAINERS = "containers";
    private static final String MOUNT_POINT = "mnt";
    private static final String LINK = "link";
    private static final String LINKS = "l";
    private static final String TEMPORARY = "tmp-";
    private static final String INIT = "-init";
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    /** 125 layers of these, each behind /proc/self/fd/NNNNN/l/, fit the page that mount(2) takes. */
    private static final int SHORT_NAME = 6;

    private final Syscalls syscalls;
    private final Path directory;
    private final Map<String, String> shortNames = new ConcurrentHashMap<>();

    private DriverDirectory(Syscalls syscalls, Path directory) {
        this.syscalls = syscalls;
        this.directory = directory;
    }

    /** The directory as it is. */
    static DriverDirectory at(Syscalls syscalls, Path directory) {
        return new DriverDirectory(syscalls, directory.toAbsolutePath());
    }

    /** Takes the directory, and deletes what does not belong to one of these layers: all that a crash may have left. */
    static DriverDirectory open(Syscalls syscalls, Path directory, Set<Digest> layers) throws IOException {
        DriverDirectory opened = at(syscalls, directory);
        Files.createDirectories(opened.directory.resolve(LINKS));
        Files.createDirectories(opened.mountPoint());
        opened.sweep(layers);
        return opened;
    }

    private void sweep(Set<Digest> layers) throws IOException {
        for (Path tree : list(directory)) {
            String name = tree.getFileName().toString();
            if (name.equals(LINKS) || name.equals(CONTAINERS) || name.equals(MOUNT_POINT)) {
                continue;
            }
            String hex = name.endsWith(INIT) ? name.substring(0, name.length() - INIT.length()) : name;
            boolean wanted = hex.equals("none")
                    || layers.stream().anyMatch(layer -> layer.hex().equals(hex));
            if (wanted) {
                shortNames.put(name, Files.readString(tree.resolve(LINK)));
            } else {
                deleteQuietly(tree);
            }
        }
        for (Path link : list(directory.resolve(LINKS))) {
            String tree = String.valueOf(Files.readSymbolicLink(link).getName(1));
            if (!link.getFileName().toString().equals(shortNames.get(tree))) {
                Files.delete(link);
            }
        }
        for (Map.Entry<String, String> entry : shortNames.entrySet()) {
            Path link = directory.resolve(LINKS).resolve(entry.getValue());
            if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(link, target(entry.getKey()));
            }
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    Path path() {
        return directory;
    }

    /** An empty directory to mount on, but only in a mount namespace in which nobody else does. */
    Path mountPoint() {
        return directory.resolve(MOUNT_POINT);
    }

    static String treeOf(Digest chainId) {
        return chainId.hex();
    }

    /** The init layer's tree above this image stack; {@code null} for an image without layers. */
    static String initOf(@Nullable Digest top) {
        return (top == null ? "none" : top.hex()) + INIT;
    }

    boolean holds(String tree) {
        return shortNames.containsKey(tree);
    }

    /** The host path of a tree's content. */
    Path diff(String tree) {
        return directory.resolve(tree).resolve(DIFF);
    }

    /** The name of a tree's content relative to the directory, short enough for many of them in one mount. */
    String shortName(String tree) throws IOException {
        String name = shortNames.get(tree);
        if (name == null) {
            throw new IOException("layer tree " + directory.resolve(tree) + " is missing");
        }
        return LINKS + "/" + name;
    }

    /** A new directory that is deleted at the next start unless it is {@link #commit}ted. */
    Path temporary() throws IOException {
        return Files.createTempDirectory(directory, TEMPORARY);
    }

    /** Gives a finished temporary tree its name, durably: all in it is on disk before the name is. */
    void commit(Path temporary, String tree) throws IOException {
        String shortName = link(tree);
        try {
            Files.writeString(temporary.resolve(LINK), shortName, StandardCharsets.US_ASCII);
            try (Fd opened = syscalls.open(temporary.toString(), O_RDONLY | O_DIRECTORY, 0)) {
                syscalls.syncfs(opened);
            }
            Files.move(temporary, directory.resolve(tree), StandardCopyOption.ATOMIC_MOVE);
            DurableFile.syncDirectory(directory);
            DurableFile.syncDirectory(directory.resolve(LINKS));
        } catch (IOException e) {
            Files.deleteIfExists(directory.resolve(LINKS).resolve(shortName));
            throw e;
        }
        shortNames.put(tree, shortName);
    }

    private String link(String tree) throws IOException {
        while (true) {
            StringBuilder name = new StringBuilder(SHORT_NAME);
            for (int i = 0; i < SHORT_NAME; i++) {
                name.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
            }
            try {
                Files.createSymbolicLink(directory.resolve(LINKS).resolve(name.toString()), target(tree));
                return name.toString();
            } catch (FileAlreadyExistsException e) {
                // Taken: once in a billion times the number of layers. Draw again.
            }
        }
    }

    private static Path target(String tree) {
        return Path.of("..", tree, DIFF);
    }

    /** Removes a tree: out of sight at once, then entry by entry. Nothing happens when there is none. */
    void remove(String tree) throws IOException {
        String shortName = shortNames.remove(tree);
        if (shortName != null) {
            Files.deleteIfExists(directory.resolve(LINKS).resolve(shortName));
        }
        delete(directory.resolve(tree));
    }

    /** Deletes a directory of the driver's, which may have hostile content. */
    void delete(Path tree) throws IOException {
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

    void deleteTree(Path tree) throws IOException {
        try (ContainerRoot root = ContainerRoot.open(syscalls, directory.toString())) {
            root.remove(directory.relativize(tree).toString());
        }
    }
}
