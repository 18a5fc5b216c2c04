package io.longshore.agent.volumedriver.local;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.UUID;

/**
 * Deletes a tree that a container filled, and may still be changing. Every step goes through the descriptor of the directory that holds
 * the entry (openat(2), unlinkat(2)) and follows no link, so swapping a directory for a link cannot lead it outside. A tree deeper than
 * {@link #MAX_DEPTH} is cut: the deep part moves to the top and is deleted from there, so that no depth exhausts stack or descriptors.
 */
final class TreeRemoval {
    private static final int MAX_DEPTH = 64;

    private TreeRemoval() {}

    /** Deletes {@code tree} and all below it; nothing happens when it is not there. */
    static void remove(Path tree) throws IOException {
        if (!Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(tree);
            return;
        }
        boolean again = true;
        while (again) {
            try (DirectoryStream<Path> top = Files.newDirectoryStream(tree)) {
                again = empty(secure(top), secure(top), 0);
            }
        }
        Files.deleteIfExists(tree);
    }

    /** As {@link #remove}, for what the next start of the agent deletes anyway. */
    static void quietly(Path tree) {
        try {
            remove(tree);
        } catch (IOException e) {
            System.getLogger(TreeRemoval.class.getName())
                    .log(System.Logger.Level.WARNING, "cannot delete {0}: {1}; the next start tries again", tree, e);
        }
    }

    /** Empties a directory; whether something was moved to the top meanwhile, which then needs another round. */
    private static boolean empty(SecureDirectoryStream<Path> directory, SecureDirectoryStream<Path> top, int depth)
            throws IOException {
        boolean moved = false;
        for (Path entry : directory) {
            Path name = entry.getFileName();
            try {
                if (!isDirectory(directory, name)) {
                    directory.deleteFile(name);
                } else if (depth == MAX_DEPTH) {
                    directory.move(name, top, Path.of(UUID.randomUUID().toString()));
                    moved = true;
                } else {
                    try (SecureDirectoryStream<Path> child =
                            directory.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                        moved |= empty(child, top, depth + 1);
                    }
                    directory.deleteDirectory(name);
                }
            } catch (NoSuchFileException e) {
                // Somebody else deleted it: as good.
            }
        }
        return moved;
    }

    private static boolean isDirectory(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return directory
                .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes()
                .isDirectory();
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        throw new IOException("the file system offers no descriptors for directories");
    }
}
