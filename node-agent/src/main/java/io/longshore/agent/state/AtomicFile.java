package io.longshore.agent.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Writes whole files: under a temporary name, then renamed, so that a reader, and the agent after kill -9 or a power cut, sees the old or
 * the new one.
 */
final class AtomicFile {
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private AtomicFile() {}

    /** Whole and the new one after a power cut too: file, then rename, then the directory (fsync(2), rename(2)). */
    static void writeDurably(Path file, byte[] content) throws IOException {
        replace(file, content);
        sync(parent(file));
    }

    /** Makes what was done in a directory last (fsync(2)). */
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Path temporary = parent(file).resolve(file.getFileName() + ".tmp");
        Files.deleteIfExists(temporary);
        try (FileChannel channel =
                FileChannel.open(temporary, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " is no file in a directory");
        }
        return parent;
    }
}
