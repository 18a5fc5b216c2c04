package io.longshore.oci.tar;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar stream from outside: ustar, pax and GNU long names. Everything is bounded by {@link TarLimits}; whatever is malformed,
 * truncated or unsupported is {@link Failure.Invalid} naming the entry, while an {@link IOException} is the source's own. Extended
 * attributes keep their bytes, which general readers lose by decoding them as text. Not thread-safe.
 */
public final class TarReader {
    private static final int BLOCK = 512;
    /** Extended headers before one entry: a long name, a long link and a pax header are the most that writers make. */
    private static final int MAX_EXTENDED_HEADERS = 8;

    private final InputStream in;
    private final TarLimits limits;
    private final byte[] block = new byte[BLOCK];
    private long consumed;
    private long entries;
    private long contentLeft;
    private int paddingLeft;
    private boolean ended;
    private @Nullable TarHeader current;

    /** Reads from {@code in}, which the caller closes. */
    public TarReader(InputStream in, TarLimits limits) {
        this.in = in;
        this.limits = limits;
    }

    /** The next entry, past what is unread of the one before, or null at the end-of-archive mark; a stream without one is truncated. */
    public @Nullable TarHeader next() throws IOException {
        if (ended) {
            return null;
        }
        skip(contentLeft + paddingLeft);
        contentLeft = 0;
        paddingLeft = 0;
        current = readHeader();
        ended = current == null;
        return current;
    }

    /** The content of the entry that {@link #next()} gave last. Valid until the next call of it; closing it does nothing. */
    public InputStream content() {
        return new Content();
    }

    /** Reads what follows the end-of-archive mark, so that a digest over the stream covers all of it. */
    public void drain() throws IOException {
        byte[] buffer = new byte[8192];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            count(n);
        }
    }

    private @Nullable TarHeader readHeader() throws IOException {
        PaxRecords pax = PaxRecords.NONE;
        String longName = "";
        String longLink = "";
        for (int i = 0; i <= MAX_EXTENDED_HEADERS; i++) {
            if (!readBlock()) {
                return null;
            }
            char type = (char) TarField.TYPE.first(block);
            switch (type) {
                case 'x' -> pax = PaxRecords.parse(extendedHeader());
                // Global headers hold comments such as git's commit; applying more of them than Docker does would help
                // only an attacker.
                case 'g' -> PaxRecords.parse(extendedHeader());
                case 'L' -> longName = text(extendedHeader());
                case 'K' -> longLink = text(extendedHeader());
                default -> {
                    return entry(type, pax, longName, longLink);
                }
            }
        }
        throw invalid("more than " + MAX_EXTENDED_HEADERS + " extended headers before one entry");
    }

    private TarHeader entry(char flag, PaxRecords pax, String longName, String longLink) {
        if (++entries > limits.entries()) {
            throw invalid("more than " + limits.entries() + " entries");
        }
        String name = pax.text("path", longName.isEmpty() ? ustarName() : longName);
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            throw invalid("an entry with an empty name or a NUL in its name");
        }
        TarHeader.Type type = type(flag, name);
        long size = pax.number("size", TarField.SIZE.number(block));
        if (size < 0 || size > limits.bytes()) {
            throw invalid(name, "size " + size + " is out of range");
        }
        // POSIX lets links and directories carry a size that means nothing; only files have content. GNU tar and Go
        // read it the same way.
        contentLeft = type == TarHeader.Type.FILE ? size : 0;
        paddingLeft = (int) (-contentLeft & (BLOCK - 1));
        String link = pax.text("linkpath", longLink.isEmpty() ? TarField.LINK_NAME.text(block) : longLink);
        boolean isLink = type == TarHeader.Type.HARD_LINK || type == TarHeader.Type.SYMLINK;
        if (isLink && link.indexOf('\0') >= 0) {
            throw invalid(name, "a NUL in the name that it links to");
        }
        boolean isDevice = type == TarHeader.Type.CHARACTER_DEVICE || type == TarHeader.Type.BLOCK_DEVICE;
        return new TarHeader(
                name,
                type,
                (int) (TarField.MODE.number(block) & 07777),
                id(name, "uid", pax.number("uid", TarField.UID.number(block))),
                id(name, "gid", pax.number("gid", TarField.GID.number(block))),
                contentLeft,
                pax.time("mtime", modified(name)),
                isLink ? link : "",
                isDevice ? device(name, TarField.MAJOR.number(block), 0xfff) : 0,
                isDevice ? device(name, TarField.MINOR.number(block), 0xfffff) : 0,
                pax.extendedAttributes());
    }

    private TarHeader.Type type(char flag, String name) {
        return switch (flag) {
            case '0', '\0', '7' -> name.endsWith("/") ? TarHeader.Type.DIRECTORY : TarHeader.Type.FILE;
            case '1' -> TarHeader.Type.HARD_LINK;
            case '2' -> TarHeader.Type.SYMLINK;
            case '3' -> TarHeader.Type.CHARACTER_DEVICE;
            case '4' -> TarHeader.Type.BLOCK_DEVICE;
            case '5' -> TarHeader.Type.DIRECTORY;
            case '6' -> TarHeader.Type.FIFO;
            case 'S' -> throw invalid(name, "sparse entries are not supported: make the archive without --sparse");
            default -> throw invalid(name, "unknown entry type '" + (flag < ' ' || flag > '~' ? "?" : flag) + "'");
        };
    }

    private String ustarName() {
        String name = TarField.NAME.text(block);
        // Only POSIX's magic says that there is a prefix: GNU's own format ("ustar  ") keeps times there.
        boolean posix = TarField.MAGIC.text(block).equals("ustar");
        String prefix = posix ? TarField.PREFIX.text(block) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private Instant modified(String name) {
        long seconds = TarField.MODIFIED.number(block);
        // Four thousand years each way: all that file systems hold, and far from overflow.
        if (seconds < -(1L << 37) || seconds > 1L << 37) {
            throw invalid(name, "modification time " + seconds + " is out of range");
        }
        return Instant.ofEpochSecond(seconds);
    }

    /** 4294967295 is -1 to chown(2), "leave as it is", so it is no id (CVE-2024-40635 is of this kind). */
    private long id(String name, String what, long value) {
        if (value < 0 || value > 0xfffffffeL) {
            throw invalid(name, what + " " + value + " is out of range");
        }
        return value;
    }

    private int device(String name, long value, int most) {
        if (value < 0 || value > most) {
            throw invalid(name, "device number " + value + " is out of range");
        }
        return (int) value;
    }

    private byte[] extendedHeader() throws IOException {
        long size = TarField.SIZE.number(block);
        if (size < 0 || size > limits.headerBytes()) {
            throw invalid("an extended header of " + size + " bytes, at most " + limits.headerBytes() + " are allowed");
        }
        byte[] header = in.readNBytes((int) size);
        count(header.length);
        if (header.length < size) {
            throw truncated();
        }
        skip(-size & (BLOCK - 1));
        return header;
    }

    private static String text(byte[] header) {
        int end = 0;
        while (end < header.length && header[end] != 0) {
            end++;
        }
        return TarField.decode(header, 0, end);
    }

    /** Reads the next block; false at the end-of-archive mark, of which one zero block is enough, as for GNU tar. */
    private boolean readBlock() throws IOException {
        int n = in.readNBytes(block, 0, BLOCK);
        count(n);
        if (n < BLOCK) {
            throw truncated();
        }
        if (Arrays.equals(block, new byte[BLOCK])) {
            return false;
        }
        if (!TarField.checksumMatches(block)) {
            throw invalid("a header whose checksum does not match");
        }
        return true;
    }

    private void skip(long bytes) throws IOException {
        byte[] buffer = new byte[(int) Math.min(bytes, 8192)];
        for (long left = bytes; left > 0; ) {
            int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (n < 0) {
                throw truncated();
            }
            count(n);
            left -= n;
        }
    }

    private void count(long bytes) {
        consumed += bytes;
        if (consumed > limits.bytes()) {
            throw new Failure.TooLarge("archive has more than " + limits.bytes() + " bytes");
        }
    }

    private Failure truncated() {
        return invalid("it is truncated");
    }

    private Failure invalid(String what) {
        TarHeader last = current;
        return new Failure.Invalid(
                "invalid tar archive: " + what + (last == null ? "" : ", after entry \"" + last.name() + "\""));
    }

    private static Failure invalid(String name, String what) {
        return new Failure.Invalid("invalid tar archive: entry \"" + name + "\": " + what);
    }

    /** The current entry's bytes. */
    private final class Content extends InputStream {
        private final byte[] one = new byte[1];
        private final long entry = entries;

        @Override
        public int read() throws IOException {
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, buffer.length);
            if (contentLeft == 0 || entry != entries) {
                return length == 0 ? 0 : -1;
            }
            int n = in.read(buffer, offset, (int) Math.min(length, contentLeft));
            if (n < 0) {
                throw truncated();
            }
            count(n);
            contentLeft -= n;
            return n;
        }
    }
}
