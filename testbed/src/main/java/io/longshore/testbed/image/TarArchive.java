package io.longshore.testbed.image;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a ustar archive into memory, as hostile as asked: names and link targets go in as they are given (POSIX.1-1988 header,
 * IEEE Std 1003.1). Names are at most 100 bytes.
 */
public final class TarArchive {
    private static final int BLOCK = 512;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public TarArchive() {}

    /** One that goes on after the entries of another, as {@link #bytes} gave it. */
    public TarArchive(byte[] archive) {
        out.write(archive, 0, archive.length - 2 * BLOCK);
    }

    /** The entries of another. */
    public TarArchive append(TarArchive other) {
        out.writeBytes(other.out.toByteArray());
        return this;
    }

    /** A regular file. */
    public TarArchive file(String name, int mode, byte[] content) {
        header(name, mode, content.length, '0', "", 0, 0);
        out.writeBytes(content);
        out.writeBytes(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
        return this;
    }

    public TarArchive file(String name, String content) {
        return file(name, 0644, content.getBytes(StandardCharsets.UTF_8));
    }

    public TarArchive directory(String name, int mode) {
        header(name, mode, 0, '5', "", 0, 0);
        return this;
    }

    public TarArchive symlink(String name, String target) {
        header(name, 0777, 0, '2', target, 0, 0);
        return this;
    }

    public TarArchive hardLink(String name, String target) {
        header(name, 0644, 0, '1', target, 0, 0);
        return this;
    }

    /** A character device node. */
    public TarArchive device(String name, int major, int minor) {
        header(name, 0666, 0, '3', "", major, minor);
        return this;
    }

    public TarArchive fifo(String name) {
        header(name, 0666, 0, '6', "", 0, 0);
        return this;
    }

    /** A regular file whose header promises {@code size} bytes and which has {@code content} only. */
    public TarArchive liar(String name, long size, byte[] content) {
        header(name, 0644, size, '0', "", 0, 0);
        out.writeBytes(content);
        return this;
    }

    /** The archive with its two closing blocks. */
    public byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream(out.size() + 2 * BLOCK);
        all.writeBytes(out.toByteArray());
        all.writeBytes(new byte[2 * BLOCK]);
        return all.toByteArray();
    }

    private void header(String name, int mode, long size, char type, String link, int major, int minor) {
        byte[] header = new byte[BLOCK];
        text(header, 0, 100, name);
        octal(header, 100, 8, mode);
        octal(header, 108, 8, 0);
        octal(header, 116, 8, 0);
        octal(header, 124, 12, size);
        octal(header, 136, 12, 1_700_000_000L);
        header[156] = (byte) type;
        text(header, 157, 100, link);
        text(header, 257, 8, "ustar\00000");
        text(header, 265, 32, "root");
        text(header, 297, 32, "root");
        octal(header, 329, 8, major);
        octal(header, 337, 8, minor);
        java.util.Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        octal(header, 148, 7, sum);
        out.writeBytes(header);
    }

    private static void text(byte[] header, int at, int room, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > room) {
            throw new IllegalArgumentException("'" + value + "' is longer than " + room + " bytes");
        }
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private static void octal(byte[] header, int at, int room, long value) {
        String digits = Long.toOctalString(value);
        text(header, at, room - 1, "0".repeat(room - 1 - digits.length()) + digits);
    }
}
