package io.longshore.oci.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.fixture.TestLayer;
import io.longshore.oci.tar.TarLimits;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LayerReaderTest {
    private static final TarLimits SMALL = new TarLimits(100, 4096, 1 << 20);

    private static List<LayerEntry> read(byte[] tar, TarLimits limits) throws IOException {
        LayerReader reader = new LayerReader(new ByteArrayInputStream(tar), limits);
        List<LayerEntry> entries = new ArrayList<>();
        for (LayerEntry entry = reader.next(); entry != null; entry = reader.next()) {
            entries.add(entry);
        }
        return entries;
    }

    @Test
    void entriesAreTyped() throws IOException {
        String longName = "d/" + "n".repeat(120) + "/" + "ü".repeat(100);
        TestLayer layer = new TestLayer()
                .directory("./", 0711)
                .entry("./" + longName, TarConstants.LF_NORMAL, "text".getBytes(StandardCharsets.UTF_8), e -> {
                    e.setMode(04755);
                    e.setUserId(3_000_000);
                    e.addPaxHeader("mtime", "1700000000.1234567");
                })
                .attributed("cap", "", Map.of("security.capability", "c", "user.x", "y", "security.selinux", "z"))
                .symlink("s", "/../../etc//passwd")
                .hardLink("h", "./" + longName)
                .character("dev/null", 1, 3)
                .fifo("p")
                .file("a/.wh.gone", "")
                .file("a/.wh..wh..opq", "")
                .file(".wh..wh.plnk/1.2", "");
        List<LayerEntry> entries = read(layer.tar(), TarLimits.DEFAULT);
        assertThat(entries).hasSize(9);
        assertThat(entries.get(0)).isInstanceOfSatisfying(LayerEntry.Directory.class, d -> {
            assertThat(d.path().isRoot()).isTrue();
            assertThat(d.metadata().mode()).isEqualTo(0711);
            assertThat(d.metadata().modified()).isEqualTo(TestLayer.MODIFIED);
        });
        assertThat(entries.get(1)).isInstanceOfSatisfying(LayerEntry.RegularFile.class, f -> {
            assertThat(f.path()).hasToString(longName);
            assertThat(f.size()).isEqualTo(4);
            assertThat(f.metadata().mode()).isEqualTo(04755);
            assertThat(f.metadata().uid()).isEqualTo(3_000_000);
            assertThat(f.metadata().modified()).isEqualTo(Instant.ofEpochSecond(1_700_000_000, 123456700));
        });
        assertThat(entries.get(2))
                .isInstanceOfSatisfying(
                        LayerEntry.RegularFile.class,
                        f -> assertThat(f.metadata().extendedAttributes())
                                .containsOnlyKeys("security.capability", "user.x"));
        assertThat(entries.get(3)).extracting("target").isEqualTo("/../../etc//passwd");
        assertThat(entries.get(4)).isEqualTo(new LayerEntry.HardLink(EntryPath.parse("h"), EntryPath.parse(longName)));
        assertThat(entries.get(5)).extracting("block", "major", "minor").containsExactly(false, 1, 3);
        assertThat(entries.get(6)).isInstanceOf(LayerEntry.Fifo.class);
        assertThat(entries.get(7)).isEqualTo(new LayerEntry.Whiteout(EntryPath.parse("a/gone")));
        assertThat(entries.get(8)).isEqualTo(new LayerEntry.Opaque(EntryPath.parse("a")));
    }

    @Test
    void absoluteNamesAreOfTheRoot() throws IOException {
        byte[] tar = new TestLayer().file("/f", "").hardLink("//h", "/f").tar();
        List<LayerEntry> entries = read(tar, SMALL);
        assertThat(entries).first().extracting("path").isEqualTo(EntryPath.parse("f"));
        assertThat(entries).last().isEqualTo(new LayerEntry.HardLink(EntryPath.parse("h"), EntryPath.parse("f")));
    }

    @Test
    void attributeBytesSurvive() throws IOException {
        // GNU tar and Docker write attribute values as they are: 0x80 and 0xff are no UTF-8. The general writer cannot,
        // so patch ours in.
        byte[] tar = new TestLayer()
                .attributed("f", "x", Map.of("security.capability", "@@@@"))
                .tar();
        byte[] value = {(byte) 0x80, 0, (byte) 0xff, 1};
        for (int i = 0; i < tar.length; i++) {
            if (tar[i] == '@') {
                System.arraycopy(value, 0, tar, i, 4);
                break;
            }
        }
        assertThat(read(tar, SMALL))
                .singleElement()
                .isInstanceOfSatisfying(
                        LayerEntry.RegularFile.class,
                        f -> assertThat(f.metadata().extendedAttributes().get("security.capability"))
                                .isEqualTo(value));
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                Arguments.of("../x", of(l -> l.file("../x", ""))),
                Arguments.of("a/../../x", of(l -> l.file("a/../../x", ""))),
                Arguments.of("/../etc/passwd", of(l -> l.file("/../etc/passwd", ""))),
                Arguments.of("nested 1001 deep", of(l -> l.file("d/".repeat(1000) + "f", ""))),
                Arguments.of("l", of(l -> l.hardLink("l", "../../etc/passwd"))),
                Arguments.of("l", of(l -> l.hardLink("l", "/../etc/passwd"))),
                Arguments.of("sda", of(l -> l.character("sda", 8, 0))),
                Arguments.of("dev/w", of(l -> l.character("dev/w", 0, 0))),
                Arguments.of("o", of(l -> l.attributed("o", "", Map.of("trusted.overlay.opaque", "y")))),
                Arguments.of("o", of(l -> l.attributed("o", "", Map.of("trusted.overlay.redirect", "/etc")))),
                Arguments.of(".wh...", of(l -> l.file("a/.wh...", ""))),
                Arguments.of(".wh.x/y", of(l -> l.file(".wh.x/y", ""))),
                Arguments.of(
                        "uid",
                        of(l -> l.entry("u", TarConstants.LF_NORMAL, new byte[0], e -> e.setUserId(4294967295L)))),
                Arguments.of(
                        "sparse",
                        of(l -> l.entry(
                                "u", TarConstants.LF_NORMAL, new byte[0], e -> e.addPaxHeader("GNU.sparse.map", "1")))),
                Arguments.of(
                        "sparse",
                        of(l -> l.entry(
                                "u",
                                TarConstants.LF_NORMAL,
                                new byte[0],
                                e -> e.addPaxHeader("GNU.sparse.numblocks", "1")))),
                Arguments.of("NUL in the name that it links to", linkWithNul()),
                Arguments.of("a NUL in the key", of(l -> l.attributed("u", "", Map.of("user.a\0b", "x")))),
                Arguments.of("modification time -9223372036854775808", earliest()),
                Arguments.of("extended header", of(l -> l.file("x".repeat(8000), ""))),
                Arguments.of("component", of(l -> l.file("x".repeat(300), ""))),
                Arguments.of("unknown entry type", of(l -> l.entry("v", (byte) 'V', new byte[0], e -> {}))));
    }

    private static byte[] of(UnaryOperator<TestLayer> change) {
        return change.apply(new TestLayer()).tar();
    }

    /** The general writer makes none: its name is long enough for a pax header, where a NUL ends nothing. */
    private static byte[] linkWithNul() {
        byte[] tar = of(l -> l.symlink("u", "a@b" + "x".repeat(120)));
        for (int i = 0; i < tar.length; i++) {
            if (tar[i] == '@') {
                tar[i] = 0;
                return tar;
            }
        }
        throw new AssertionError("the link's name is not in the archive");
    }

    /** The lowest time of all, in base 256: it has no absolute value. */
    private static byte[] earliest() {
        byte[] tar = of(l -> l.file("old", ""));
        byte[] time = {(byte) 0xff, -1, -1, -1, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0};
        System.arraycopy(time, 0, tar, 136, time.length);
        fixChecksums(tar);
        return tar;
    }

    @ParameterizedTest
    @MethodSource
    void hostile(String named, byte[] tar) {
        assertThatThrownBy(() -> read(tar, SMALL))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(named);
    }

    @Test
    void limitsHold() {
        TestLayer many = new TestLayer();
        for (int i = 0; i <= 100; i++) {
            many.file("f" + i, "");
        }
        byte[] tar = many.tar();
        assertThatThrownBy(() -> read(tar, SMALL)).hasMessageContaining("more than 100 entries");
        byte[] big = new TestLayer().file("b", 0644, new byte[2 << 20]).tar();
        assertThatThrownBy(() -> read(big, SMALL)).isInstanceOf(Failure.class);
    }

    @Test
    void everyTruncationIsInvalid() {
        byte[] tar = new TestLayer().file("a", "some content").symlink("b", "c").tar();
        int end = 4 * 512 - 512;
        for (int length = 0; length < end; length += 7) {
            byte[] cut = Arrays.copyOf(tar, length);
            assertThatThrownBy(() -> read(cut, SMALL))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("truncated");
        }
    }

    /** Whatever the bytes, the reader answers with entries or a refusal, never with another exception. */
    @Test
    void fuzzedHeadersNeverSurprise() throws IOException {
        Random random = new Random(20240301);
        byte[] tar = new TestLayer()
                .file("a/" + "n".repeat(150), "content")
                .attributed("x", "y", Map.of("user.a", "b"))
                .hardLink("h", "x")
                .character("dev/c", 1, 2)
                .tar();
        for (int i = 0; i < 20_000; i++) {
            byte[] fuzzed = tar.clone();
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                fuzzed[random.nextInt(fuzzed.length)] = (byte) random.nextInt(256);
            }
            fixChecksums(fuzzed);
            try {
                read(fuzzed, SMALL);
            } catch (Failure expected) {
                assertThat(expected.text()).isNotBlank();
            }
        }
    }

    private static void fixChecksums(byte[] tar) {
        for (int at = 0; at + 512 <= tar.length; at += 512) {
            if (tar[at + 257] == 'u') {
                Arrays.fill(tar, at + 148, at + 156, (byte) ' ');
                int sum = 0;
                for (int i = at; i < at + 512; i++) {
                    sum += tar[i] & 0xff;
                }
                byte[] digits = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
                System.arraycopy(digits, 0, tar, at + 148, 8);
            }
        }
    }
}
