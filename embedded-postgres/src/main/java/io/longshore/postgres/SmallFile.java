package io.longshore.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** A file in the data directory, where the server's user may have put anything: no link is followed, and little is read. */
final class SmallFile {
    private static final int LONGEST = 4096;

    private SmallFile() {}

    static String read(Path file) throws IOException {
        // Looked at before it is opened, for opening a pipe waits.
        if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw new IOException(file + " is not a regular file");
        }
        try (InputStream bytes = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return new String(bytes.readNBytes(LONGEST), StandardCharsets.UTF_8);
        }
    }
}
