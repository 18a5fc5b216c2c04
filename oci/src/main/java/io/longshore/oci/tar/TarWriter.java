package io.longshore.oci.tar;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a tar stream: ustar, with a pax header before an entry that needs one (pax(1), ustar and pax interchange formats). What a
 * {@link TarReader} gives can be written again byte for byte: names and attributes that are no text, times to the nanosecond. Not
 * thread-safe.
 */
public final class TarWriter {
    private static final int BLOCK = 512;
    /** Writers of tar fill whole records of 20 blocks; two zero blocks are all that readers need. */
    private static final int END_BLOCKS = 2;

    /** Where the version stands in a header, right after the magic. */
    private static final int VERSION = 263;

    private static final byte[] ZEROS = new byte[8192];

    private final OutputStream out;
    private long contentLeft;
    private int padding;

    /** Writes to {@code out}, which the caller flushes and closes. */
    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /** Begins an entry; of a file {@code header.size()} bytes are then to be {@linkplain #write written}. A directory's name should end with a slash. */
    public void entry(TarHeader header) throws IOException {
        fill();
        byte[] name = TarField.encode(header.name());
        byte[] link = TarField.encode(header.linkName());
        byte[] records = records(header, name, link);
        if (records.length > 0) {
            byte[] extended = new byte[BLOCK];
            TarField.NAME.put(extended, "PaxHeaders.0".getBytes(StandardCharsets.US_ASCII));
            common(extended, 'x', 0644, 0, 0, records.length);
            TarField.MODIFIED.put(extended, 0);
            TarField.putChecksum(extended);
            out.write(extended);
            out.write(records);
            out.write(ZEROS, 0, -records.length & (BLOCK - 1));
        }
        byte[] block = new byte[BLOCK];
        TarField.NAME.put(block, name);
        TarField.LINK_NAME.put(block, link);
        common(block, flag(header.type()), header.mode(), header.uid(), header.gid(), header.size());
        TarField.MODIFIED.put(block, header.modified().getEpochSecond());
        TarField.MAJOR.put(block, header.major());
        TarField.MINOR.put(block, header.minor());
        TarField.putChecksum(block);
        out.write(block);
        contentLeft = header.size();
        padding = (int) (-header.size() & (BLOCK - 1));
    }

    /** A part of the current entry's content; more than its header promised is an {@link IllegalArgumentException}. */
    public void write(byte[] content, int offset, int length) throws IOException {
        if (length > contentLeft) {
            throw new IllegalArgumentException("the entry has room for " + contentLeft + " bytes more, not " + length);
        }
        out.write(content, offset, length);
        contentLeft -= length;
    }

    /** Ends the archive. */
    public void finish() throws IOException {
        fill();
        out.write(ZEROS, 0, END_BLOCKS * BLOCK);
    }

    /** Completes the current entry: a file that became shorter while it was read ends with zeros, as with GNU tar. */
    private void fill() throws IOException {
        while (contentLeft > 0) {
            write(ZEROS, 0, (int) Math.min(contentLeft, ZEROS.length));
        }
        out.write(ZEROS, 0, padding);
        padding = 0;
    }

    private static void common(byte[] block, char flag, int mode, long uid, long gid, long size) {
        TarField.TYPE.put(block, new byte[] {(byte) flag});
        TarField.MODE.put(block, mode);
        TarField.UID.put(block, TarField.UID.fits(uid) ? uid : 0);
        TarField.GID.put(block, TarField.GID.fits(gid) ? gid : 0);
        TarField.SIZE.put(block, TarField.SIZE.fits(size) ? size : 0);
        TarField.MAGIC.put(block, "ustar\0".getBytes(StandardCharsets.US_ASCII));
        block[VERSION] = '0';
        block[VERSION + 1] = '0';
    }

    private static char flag(TarHeader.Type type) {
        return switch (type) {
            case FILE -> '0';
            case HARD_LINK -> '1';
            case SYMLINK -> '2';
            case CHARACTER_DEVICE -> '3';
            case BLOCK_DEVICE -> '4';
            case DIRECTORY -> '5';
            case FIFO -> '6';
        };
    }

    private static byte[] records(TarHeader header, byte[] name, byte[] link) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        if (!TarField.NAME.fits(name)) {
            record(records, "path", name);
        }
        if (!TarField.LINK_NAME.fits(link)) {
            record(records, "linkpath", link);
        }
        number(records, "size", TarField.SIZE, header.size());
        number(records, "uid", TarField.UID, header.uid());
        number(records, "gid", TarField.GID, header.gid());
        Instant modified = header.modified();
        if (modified.getNano() != 0 || !TarField.MODIFIED.fits(modified.getEpochSecond())) {
            record(records, "mtime", decimal(modified).getBytes(StandardCharsets.US_ASCII));
        }
        for (Map.Entry<String, byte[]> attribute : new TreeMap<>(header.extendedAttributes()).entrySet()) {
            record(records, "SCHILY.xattr." + attribute.getKey(), attribute.getValue());
        }
        return records.toByteArray();
    }

    private static void number(ByteArrayOutputStream records, String key, TarField field, long value) {
        if (!field.fits(value)) {
            record(records, key, Long.toString(value).getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static String decimal(Instant time) {
        BigDecimal seconds = BigDecimal.valueOf(time.getEpochSecond());
        return seconds.add(BigDecimal.valueOf(time.getNano(), 9))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** The length counts itself. */
    private static void record(ByteArrayOutputStream records, String key, byte[] value) {
        byte[] text = TarField.encode(" " + key + "=");
        int rest = text.length + value.length + 1;
        int length = rest + Integer.toString(rest).length();
        length = rest + Integer.toString(length).length();
        records.writeBytes(Integer.toString(length).getBytes(StandardCharsets.US_ASCII));
        records.writeBytes(text);
        records.writeBytes(value);
        records.write('\n');
    }
}
