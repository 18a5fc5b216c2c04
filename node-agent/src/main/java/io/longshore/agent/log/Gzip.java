package io.longshore.agent.log;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Old log files, compressed and back. In a container's directory, where only the agent and the supervisor write. */
final class Gzip {
    private static final Logger LOG = LoggerFactory.getLogger(Gzip.class);
    private static final int BUFFER = 64 * 1024;
    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"));

    private Gzip() {}

    /** Writes the file's bytes, compressed, to another, which is on the disk when this returns and has the same time of its last write. */
    static void pack(Path from, Path to) throws IOException {
        try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel target = FileChannel.open(
                        to, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE)) {
            var zip = new GZIPOutputStream(new BufferedOutputStream(Channels.newOutputStream(target), BUFFER), BUFFER);
            copy(Channels.newInputStream(source), zip);
            zip.finish();
            zip.flush();
            Files.setLastModifiedTime(to, Files.getLastModifiedTime(from));
            target.force(true);
        }
    }

    /** What the channel has, unpacked, in a file beside the path that has no name. Of a damaged one what can be had. */
    static FileChannel unpack(FileChannel packed, Path path) throws IOException {
        FileChannel plain = FileChannel.open(
                path.resolveSibling(UUID.randomUUID() + ".reading"),
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.DELETE_ON_CLOSE), // the JDK removes the name at once
                PRIVATE);
        try {
            copy(new GZIPInputStream(Channels.newInputStream(packed), BUFFER), Channels.newOutputStream(plain));
            return plain;
        } catch (ZipException | EOFException e) {
            LOG.warn("{} is damaged, lines of it are lost: {}", path, e.toString());
            return plain;
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    private static void copy(InputStream from, OutputStream to) throws IOException {
        byte[] buffer = new byte[BUFFER];
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            to.write(buffer, 0, count);
        }
    }
}
