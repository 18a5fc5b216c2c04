package io.longshore.agent.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One file of a log, held open under whatever name rotation gives it, and even when it has none any more. Whole lines are taken from it
 * in order; a line that is still being written is left for the next time. A compressed one is unpacked when it is first read, to a file
 * beside it that has no name and goes away when the reading ends. For one thread.
 */
final class LogFile implements Closeable {
    /** An entry of 16 KiB with every byte escaped, and some room; what is longer is none of ours. */
    private static final int LONGEST_LINE = 128 * 1024;

    private final FileChannel channel;
    private final BasicFileAttributes attributes;
    private final Path path;
    private final long number;
    private @Nullable FileChannel unpacked;
    private long offset;
    /** No line that ends behind it is taken. */
    private long limit = Long.MAX_VALUE;

    /** What is done with a line; its bytes are only good during the call. */
    interface LineTaker {
        /** Whether the next line is wanted. */
        boolean take(byte[] bytes, int offset, int length) throws IOException;
    }

    private LogFile(FileChannel channel, BasicFileAttributes attributes, Path path, long number) {
        this.channel = channel;
        this.attributes = attributes;
        this.path = path;
        this.number = number;
    }

    /**
     * Opens the file that has this name now; null if there is none.
     *
     * @param number which it is among files that keep their numbers; of others the one in its name, for now
     */
    static @Nullable LogFile open(Path path, long number) throws IOException {
        while (true) {
            Object before = keyOf(path);
            if (before == null) {
                return null;
            }
            try {
                FileChannel channel =
                        FileChannel.open(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
                BasicFileAttributes now = attributesOf(path);
                if (now != null && before.equals(now.fileKey())) {
                    return new LogFile(channel, now, path, number);
                }
                channel.close();
            } catch (NoSuchFileException e) {
                // Rotated away between the two calls: look again.
            }
        }
    }

    /** What is known of the file that has this name now, null if there is none. */
    static @Nullable BasicFileAttributes attributesOf(Path path) throws IOException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Identity of the file that has this name now (device and inode), null if there is none. */
    static @Nullable Object keyOf(Path path) throws IOException {
        BasicFileAttributes attributes = attributesOf(path);
        return attributes == null ? null : attributes.fileKey();
    }

    /** Identity of this file: no other has it while this one is open. */
    Object key() {
        return attributes.fileKey();
    }

    /** Its number, which it has kept or which has risen since. */
    long number() {
        return number;
    }

    /** Whether the last write to it, as of when it was opened, was surely before this time. The clock of files lags by some milliseconds. */
    boolean wasWrittenBefore(Instant time) {
        return attributes.lastModifiedTime().toInstant().plusSeconds(1).isBefore(time);
    }

    /** Only the lines that are whole by now are wanted, so that who reads more slowly than the container writes comes to an end. */
    void limitToNow() throws IOException {
        limit = isCompressed() ? Long.MAX_VALUE : channel.size();
    }

    private boolean isCompressed() {
        return String.valueOf(path.getFileName()).endsWith(".gz");
    }

    private FileChannel content() throws IOException {
        if (!isCompressed()) {
            return channel;
        }
        if (unpacked == null) {
            channel.position(0);
            unpacked = Gzip.unpack(channel, path);
        }
        return unpacked;
    }

    /** Where the next line to be taken begins. */
    long position() {
        return offset;
    }

    /** The next line taken is the one that begins here. */
    void seek(long position) {
        offset = position;
    }

    /** What {@link #take} reads by: one is enough for all files of a log. */
    static byte[] buffer() {
        return new byte[LONGEST_LINE];
    }

    /** Takes all whole lines from where the last call ended; whether all of them were wanted. */
    boolean take(byte[] bytes, LineTaker taker) throws IOException {
        FileChannel content = content();
        if (content.size() < offset) {
            // Somebody has emptied it.
            offset = 0;
        }
        while (true) {
            int wanted = Math.clamp(limit - offset, 0, bytes.length);
            int count = content.read(ByteBuffer.wrap(bytes, 0, wanted), offset);
            if (count <= 0) {
                return true;
            }
            int start = 0;
            for (int i = 0; i < count; i++) {
                if (bytes[i] == '\n') {
                    offset += i + 1L - start;
                    boolean more = taker.take(bytes, start, i - start);
                    start = i + 1;
                    if (!more) {
                        return false;
                    }
                }
            }
            if (start == 0) {
                if (count < LONGEST_LINE) {
                    return true;
                }
                // No entry is as long as this: step over it piece by piece until a newline comes.
                offset += count;
            }
        }
    }

    /**
     * Goes through the whole lines from the last one to the first, reading no more of the file than it needs.
     *
     * @return the position after the first line that was not wanted, or 0 when all were
     */
    long takeBackwards(LineTaker taker) throws IOException {
        FileChannel content = content();
        long position = content.size();
        byte[] rest = new byte[0];
        boolean whole = false;
        while (position > 0) {
            int size = (int) Math.min(position, LONGEST_LINE);
            position -= size;
            byte[] block = new byte[size + rest.length];
            readFully(content, block, size, position);
            System.arraycopy(rest, 0, block, size, rest.length);
            int stop = block.length;
            for (int i = stop - 1; i >= 0; i--) {
                if (block[i] == '\n') {
                    // What follows the last newline of the file is still being written.
                    if (whole && !taker.take(block, i + 1, stop - i - 1)) {
                        return position + stop + 1;
                    }
                    whole = true;
                    stop = i;
                }
            }
            // Without a newline in so many bytes it is no log of ours: what was seen of the line is given up.
            rest = stop <= LONGEST_LINE ? Arrays.copyOf(block, stop) : new byte[0];
        }
        return whole && !taker.take(rest, 0, rest.length) ? rest.length + 1L : 0;
    }

    private static void readFully(FileChannel content, byte[] into, int size, long position) throws IOException {
        ByteBuffer target = ByteBuffer.wrap(into, 0, size);
        while (target.hasRemaining()) {
            if (content.read(target, position + target.position()) < 0) {
                return;
            }
        }
    }

    /** Gives back the disk space that reading a compressed file takes, until it is read again. */
    void pack() throws IOException {
        if (unpacked != null) {
            unpacked.close();
            unpacked = null;
        }
    }

    @Override
    public void close() throws IOException {
        pack();
        channel.close();
    }
}
