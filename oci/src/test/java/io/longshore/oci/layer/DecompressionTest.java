package io.longshore.oci.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.longshore.contracts.error.Failure;
import io.longshore.oci.fixture.TestLayer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class DecompressionTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int FULL_BLOCK = 128 << 10;

    private static byte[] compress(Decompression kind, byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream encoder = encoder(kind, out)) {
            encoder.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** With the least memory that the format allows, which a decoder takes anew for each of several streams in a row. */
    private static OutputStream encoder(Decompression kind, OutputStream out) throws IOException {
        return switch (kind) {
            case NONE -> out;
            case GZIP -> new java.util.zip.GZIPOutputStream(out);
            case BZIP2 -> new BZip2CompressorOutputStream(out, 1);
            case XZ -> new XZOutputStream(out, new LZMA2Options(0));
            case ZSTD -> new io.airlift.compress.zstd.ZstdOutputStream(out);
        };
    }

    private static byte[] plain(byte[] data) throws IOException {
        try (InputStream in = Decompression.open(new ByteArrayInputStream(data))) {
            return in.readAllBytes();
        }
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** A text that no encoder makes much of, so that a cut or a damage anywhere matters. */
    private static byte[] text() {
        byte[] text = new byte[300_000];
        new Random(7).nextBytes(text);
        Arrays.fill(text, 1000, 9000, (byte) 'x');
        return text;
    }

    @ParameterizedTest
    @EnumSource
    void compressionIsToldByMagic(Decompression kind) throws IOException {
        byte[] tar = new TestLayer().file("f", "x").tar();
        assertThat(plain(compress(kind, tar))).isEqualTo(tar);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void streamsInARowAreOne(Decompression kind) throws IOException {
        byte[] text = text();
        byte[] twice = joined(compress(kind, text), compress(kind, new byte[0]), compress(kind, text));
        assertThat(plain(twice)).isEqualTo(joined(text, text));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void whatIsCutOrDamagedIsInvalid(Decompression kind) {
        byte[] whole = compress(kind, text());
        for (int length = 6; length < whole.length; length += length < 100 ? 1 : 9973) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> plain(cut)).as("cut at %d", length).isInstanceOf(Failure.Invalid.class);
        }
        whole[whole.length / 2] ^= 0x55;
        assertThatThrownBy(() -> plain(whole))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("corrupt " + kind.name().toLowerCase(Locale.ROOT) + " data: ");
    }

    /** Whatever the bytes, a decoder answers with data or a refusal, never with another exception. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void fuzzedDataNeverSurprises(Decompression kind) throws IOException {
        Random random = new Random(20261129);
        byte[] whole = compress(kind, Arrays.copyOf(text(), 3000));
        for (int i = 0; i < 1000; i++) {
            byte[] fuzzed = whole.clone();
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                int at = random.nextBoolean() ? random.nextInt(2, 32) : random.nextInt(fuzzed.length);
                fuzzed[at] = (byte) random.nextInt(256);
            }
            try {
                plain(fuzzed);
            } catch (Failure expected) {
                assertThat(expected.text()).isNotBlank();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aBombIsRefusedWithoutMemory(Decompression kind) throws IOException {
        byte[] piece = compress(kind, new byte[8 << 20]);
        assertThat(piece.length).isLessThan((8 << 20) / 200);
        InputStream many = new SequenceInputStream(Collections.enumeration(Collections.nCopies(80, piece).stream()
                .map(ByteArrayInputStream::new)
                .toList()));
        InputStream in = Decompression.open(many);
        long[] read = {0};
        long allocated = allocated(() -> assertThatThrownBy(() -> {
                    byte[] buffer = new byte[64 << 10];
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        read[0] += n;
                    }
                })
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("expands more than 200 times"));
        assertThat(read[0]).isBetween(511L << 20, 513L << 20);
        assertThat(allocated).isLessThan(128 << 20);
    }

    private static long allocated(ThrowingCallable work) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            work.call();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** The JDK's decoder goes one call deeper for each. */
    @Test
    void emptyGzipMembersWithoutEndAreRefused() throws IOException {
        byte[] empty = compress(Decompression.GZIP, new byte[0]);
        byte[] few = joined(Collections.nCopies(50, empty).toArray(byte[][]::new));
        assertThat(plain(joined(few, compress(Decompression.GZIP, text())))).isEqualTo(text());
        byte[] many = joined(Collections.nCopies(200_000, empty).toArray(byte[][]::new));
        assertThatThrownBy(() -> plain(many))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("more than 100 empty members in a row");
    }

    @ParameterizedTest
    @EnumSource(
            value = Decompression.class,
            names = {"BZIP2", "XZ", "ZSTD"})
    void emptyStreamsWithoutEndAreNothing(Decompression kind) throws IOException {
        byte[] empty = compress(kind, new byte[0]);
        assertThat(plain(joined(Collections.nCopies(20_000, empty).toArray(byte[][]::new))))
                .isEmpty();
    }

    @Test
    void xzThatAsksForGigabytesIsRefused() {
        byte[] data = compress(Decompression.XZ, text());
        // The block's header follows the stream's twelve bytes (xz file format, 3.1): its size, flags, the filter's id,
        // the size of its properties, and the dictionary's size as a power of two.
        data[12 + 4] = 36;
        int end = 12 + (data[12] + 1) * 4 - 4;
        CRC32 crc = new CRC32();
        crc.update(data, 12, end - 12);
        ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putInt(end, (int) crc.getValue());
        long allocated = allocated(() -> assertThatThrownBy(() -> plain(data))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("memory"));
        assertThat(allocated).isLessThan(8 << 20);
    }

    /** A zstd frame (RFC 8878): this header, then runs of zeros of these sizes. */
    private static byte[] frame(byte[] header, int... runs) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd});
        out.writeBytes(header);
        for (int i = 0; i < runs.length; i++) {
            int block = runs[i] << 3 | 1 << 1 | (i == runs.length - 1 ? 1 : 0);
            out.writeBytes(new byte[] {(byte) block, (byte) (block >> 8), (byte) (block >> 16), 0});
        }
        return out.toByteArray();
    }

    private static byte[] window(int exponent, int mantissa) {
        return new byte[] {0, (byte) (exponent << 3 | mantissa)};
    }

    /** The whole content is the window. */
    private static byte[] singleSegment(long size) {
        return ByteBuffer.allocate(9)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0b1110_0000)
                .putLong(size)
                .array();
    }

    private static int[] runs(int count, int size) {
        int[] runs = new int[count];
        Arrays.fill(runs, size);
        return runs;
    }

    static Stream<Arguments> greedyFrames() {
        byte[] good = compress(Decompression.ZSTD, text());
        byte[] skipped = skippable(100);
        byte[] greedy = frame(singleSegment(2_000_000_000), runs(15_000, FULL_BLOCK));
        return Stream.of(
                Arguments.of("window of 8 MiB and an eighth", "9437184", frame(window(13, 1), FULL_BLOCK)),
                Arguments.of("window of 2 GiB", "2147483648", frame(window(21, 0), runs(15_000, FULL_BLOCK))),
                Arguments.of("largest window of all", "4123168604160", frame(window(31, 7), FULL_BLOCK)),
                Arguments.of("content of 8 MiB and a byte", "8388609", frame(singleSegment(8_388_609), FULL_BLOCK)),
                Arguments.of("content of 2 GB", "2000000000", greedy),
                Arguments.of("content of 2^64 - 1", "18446744073709551615", frame(singleSegment(-1), FULL_BLOCK)),
                Arguments.of("after another frame", "2000000000", joined(good, greedy)),
                Arguments.of("after a skippable frame", "2000000000", joined(good, skipped, greedy)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    @Timeout(20)
    void greedyFrames(String name, String bytes, byte[] data) {
        long allocated = allocated(() -> assertThatThrownBy(() -> plain(data))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("a frame needs a window of " + bytes + " bytes, at most 8388608 are supported"));
        assertThat(allocated).isLessThan(8 << 20);
    }

    @Test
    void windowsOfEightMebibytesAreRead() throws IOException {
        assertThat(plain(frame(window(13, 0), runs(1000, FULL_BLOCK)))).isEqualTo(new byte[1000 * FULL_BLOCK]);
        assertThat(plain(frame(singleSegment(8 << 20), runs(64, FULL_BLOCK)))).isEqualTo(new byte[8 << 20]);
    }

    /** The decoder moves its window for each block, be there ever so little in it. */
    @Test
    @Timeout(20)
    void blocksOfNextToNothingAreRefused() {
        int[] runs = runs(100_000, 1);
        Arrays.fill(runs, 0, 64, FULL_BLOCK);
        assertThatThrownBy(() -> plain(frame(window(13, 0), runs)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("blocks of next to nothing");
    }

    private static byte[] skippable(int size) {
        return ByteBuffer.allocate(8 + size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x184d2a5f)
                .putInt(size)
                .array();
    }

    /** As zstd:chunked has them: small files in frames of their own, and a table of contents for those who know it. */
    @Test
    void skippableFramesAreLeftOut() throws IOException {
        byte[] frame = frame(window(13, 0), 1);
        byte[] files = joined(Collections.nCopies(5000, frame).toArray(byte[][]::new));
        assertThat(plain(joined(frame, skippable(0), files, skippable(70_000)))).hasSize(5001);
        byte[] cut = joined(frame, Arrays.copyOf(skippable(70_000), 69_000));
        assertThatThrownBy(() -> plain(cut))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("a skippable frame is cut off");
    }
}
