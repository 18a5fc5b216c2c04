package io.longshore.oci.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is written is read again as it was. */
class TarWriterTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarWriter tar = new TarWriter(bytes);

    private static TarHeader header(String name, TarHeader.Type type, long size, String link) {
        return new TarHeader(
                name, type, 0644, 1000, 1001, size, Instant.ofEpochSecond(1_700_000_000), link, 0, 0, Map.of());
    }

    private TarReader read() throws IOException {
        tar.finish();
        assertThat(bytes.size() % 512).isZero();
        return new TarReader(new ByteArrayInputStream(bytes.toByteArray()), TarLimits.DEFAULT);
    }

    private void roundTrip(TarHeader header) throws IOException {
        tar.entry(header);
        TarReader reader = read();
        TarHeader found = reader.next();
        assertThat(found).usingRecursiveComparison().isEqualTo(header);
        assertThat(reader.next()).isNull();
    }

    @Test
    void plainEntriesNeedNoExtendedHeader() throws IOException {
        tar.entry(header("dir/", TarHeader.Type.DIRECTORY, 0, ""));
        tar.entry(header("dir/link", TarHeader.Type.SYMLINK, 0, "../target"));
        tar.entry(header("dir/hard", TarHeader.Type.HARD_LINK, 0, "dir/file"));
        TarReader reader = read();
        assertThat(bytes.size()).isEqualTo(5 * 512);
        assertThat(reader.next()).usingRecursiveComparison().isEqualTo(header("dir/", TarHeader.Type.DIRECTORY, 0, ""));
        assertThat(reader.next())
                .usingRecursiveComparison()
                .isEqualTo(header("dir/link", TarHeader.Type.SYMLINK, 0, "../target"));
        assertThat(reader.next())
                .usingRecursiveComparison()
                .isEqualTo(header("dir/hard", TarHeader.Type.HARD_LINK, 0, "dir/file"));
        assertThat(reader.next()).isNull();
    }

    @Test
    void contentIsPaddedAndFilledUp() throws IOException {
        tar.entry(header("a", TarHeader.Type.FILE, 3, ""));
        tar.write("abc".getBytes(StandardCharsets.US_ASCII), 0, 3);
        tar.entry(header("short", TarHeader.Type.FILE, 1000, ""));
        tar.write("x".getBytes(StandardCharsets.US_ASCII), 0, 1);
        TarReader reader = read();
        reader.next();
        assertThat(reader.content().readAllBytes()).asString().isEqualTo("abc");
        assertThat(reader.next()).isNotNull();
        byte[] filled = reader.content().readAllBytes();
        assertThat(filled).hasSize(1000).startsWith('x', 0);
        assertThat(reader.next()).isNull();
    }

    @Test
    void moreContentThanPromisedIsRefused() throws IOException {
        tar.entry(header("a", TarHeader.Type.FILE, 1, ""));
        assertThatThrownBy(() -> tar.write(new byte[2], 0, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void longNamesAndLinks() throws IOException {
        roundTrip(header("d/".repeat(500) + "f", TarHeader.Type.SYMLINK, 0, "x".repeat(3000)));
    }

    @Test
    void namesThatAreNoText() throws IOException {
        roundTrip(header("gr\u00fcn \uD83D\uDC0B \uDC80\uDCFF", TarHeader.Type.SYMLINK, 0, "\uDCFE"));
    }

    @Test
    void timesToTheNanosecondAndBeforeTheEpoch() throws IOException {
        for (Instant time : new Instant[] {
            Instant.ofEpochSecond(1_700_000_000, 123_456_789),
            Instant.ofEpochSecond(-5, 500_000_000),
            Instant.ofEpochSecond(1L << 35)
        }) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            TarWriter one = new TarWriter(out);
            one.entry(new TarHeader("f", TarHeader.Type.FILE, 0, 0, 0, 0, time, "", 0, 0, Map.of()));
            one.finish();
            TarHeader found = new TarReader(new ByteArrayInputStream(out.toByteArray()), TarLimits.DEFAULT).next();
            assertThat(found).isNotNull().extracting(TarHeader::modified).isEqualTo(time);
        }
    }

    @Test
    void largeNumbersDevicesAndAttributes() throws IOException {
        roundTrip(new TarHeader(
                "dev/x",
                TarHeader.Type.BLOCK_DEVICE,
                07777,
                4_294_967_294L,
                3_000_000_000L,
                0,
                Instant.EPOCH,
                "",
                259,
                1_048_575,
                Map.of("security.capability", new byte[] {1, 0, -1, '\n', '='}, "user.x", new byte[0])));
    }

    @Test
    void recordsWhoseLengthGrowsByItsOwnDigits() throws IOException {
        for (int length = 80; length < 110; length++) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            TarWriter one = new TarWriter(out);
            TarHeader header = new TarHeader(
                    "f", TarHeader.Type.FILE, 0, 0, 0, 0, Instant.EPOCH, "", 0, 0, Map.of("user.a", new byte[length]));
            one.entry(header);
            one.finish();
            TarReader reader = new TarReader(new ByteArrayInputStream(out.toByteArray()), TarLimits.DEFAULT);
            assertThat(reader.next()).usingRecursiveComparison().isEqualTo(header);
        }
    }
}
