package io.longshore.oci.layer;

import io.longshore.contracts.error.Failure;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Decoders for layers and archives, told by their magic numbers (RFC 1952, the bzip2 and xz formats), all of them in this process: a
 * program found by name could be an attacker's (CVE-2026-41567).
 */
public enum Decompression {
    NONE,
    GZIP,
    BZIP2,
    XZ,
    ZSTD;

    /** xz's own highest preset needs 65 MiB; a hostile header may ask for gigabytes. */
    private static final int XZ_MEMORY_KIB = 128 << 10;

    private static final int BUFFER = 64 << 10;
    private static final int MAGIC = 6;
    /** Data that expands less than this in all may have any ratio: zeros compress a thousandfold. */
    private static final long FREE_BYTES = 512L << 20;
    /** Gzip cannot pass 1032; whole file systems stay under 20. */
    private static final long MAX_RATIO = 200;

    /** The plain bytes of a file; as {@link #open(InputStream)}. */
    public static InputStream open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        try {
            return open(in);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    /**
     * The plain bytes of {@code in}. Corrupt data, and data that expands more than {@value #MAX_RATIO} times beyond the first 512 MiB, is
     * {@link Failure.Invalid}.
     */
    public static InputStream open(InputStream in) throws IOException {
        Counting counted = new Counting(in);
        BufferedInputStream buffered = new BufferedInputStream(counted, BUFFER);
        buffered.mark(MAGIC);
        byte[] magic = buffered.readNBytes(MAGIC);
        buffered.reset();
        Decompression kind = of(magic);
        try {
            return switch (kind) {
                case NONE -> buffered;
                case GZIP -> new Guarded(new GzipMembers(buffered), kind, counted);
                case BZIP2 -> new Guarded(new BZip2CompressorInputStream(buffered, true), kind, counted);
                case XZ -> new Guarded(new XZInputStream(buffered, XZ_MEMORY_KIB), kind, counted);
                case ZSTD -> new Guarded(new ZstdDecoder(buffered), kind, counted);
            };
        } catch (IOException e) {
            throw corrupt(kind, e);
        }
    }

    /** What data that begins so is compressed with. */
    public static Decompression of(byte[] start) {
        if (begins(start, 0x1f, 0x8b)) {
            return GZIP;
        }
        if (begins(start, 'B', 'Z', 'h')) {
            return BZIP2;
        }
        if (begins(start, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            return XZ;
        }
        return begins(start, 0x28, 0xb5, 0x2f, 0xfd) ? ZSTD : NONE;
    }

    private static boolean begins(byte[] start, int... magic) {
        if (start.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((start[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private static Failure corrupt(Decompression kind, Exception cause) {
        return new Failure.Invalid(
                "corrupt " + kind.name().toLowerCase(Locale.ROOT) + " data: " + cause.getMessage(), cause);
    }

    /** Watches how deep it is: the JDK's decoder calls itself for each member that is empty, and thousands of them would use up the stack. */
    private static final class GzipMembers extends GZIPInputStream {
        private static final int MAX_EMPTY = 100;
        private int depth;

        GzipMembers(InputStream in) throws IOException {
            super(in, BUFFER);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (depth > MAX_EMPTY) {
                throw new IOException("more than " + MAX_EMPTY + " empty members in a row");
            }
            depth++;
            try {
                return super.read(buffer, offset, length);
            } finally {
                depth--;
            }
        }
    }

    /** Counts what is read from the source. */
    private static final class Counting extends FilterInputStream {
        private long count;
        /** Whether it was the source that failed, which is no fault of the data. */
        private boolean failed;

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int octet = super.read();
            count += octet < 0 ? 0 : 1;
            return octet;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n;
            try {
                n = super.read(buffer, offset, length);
            } catch (IOException | RuntimeException e) {
                failed = true;
                throw e;
            }
            count += Math.max(n, 0);
            return n;
        }
    }

    /** Watches the ratio, and calls corrupt data by its name. */
    private static final class Guarded extends FilterInputStream {
        private final Decompression kind;
        private final Counting source;
        private long count;

        Guarded(InputStream in, Decompression kind, Counting source) {
            super(in);
            this.kind = kind;
            this.source = source;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n;
            try {
                n = super.read(buffer, offset, length);
            } catch (IOException | RuntimeException e) {
                // Decoders meet data that they cannot read with exceptions of any kind, an index out of bounds among
                // them.
                if (source.failed || e instanceof Failure) {
                    throw e;
                }
                throw corrupt(kind, e);
            }
            count += Math.max(n, 0);
            if (count > FREE_BYTES && count / MAX_RATIO > source.count) {
                throw new Failure.Invalid("compressed data expands more than " + MAX_RATIO + " times after " + count
                        + " bytes: it looks like a decompression bomb");
            }
            return n;
        }
    }
}
