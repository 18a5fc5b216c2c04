package io.longshore.oci.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.longshore.contracts.error.Failure;
import io.longshore.oci.tar.TarLimits;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What pax and GNU headers say of the entry after them, seen as entries of a layer; written byte by byte, as no writer would. */
class ExtendedHeaderTest {
    private static final TarLimits LIMITS = new TarLimits(100, 4096, 1 << 20);
    private static final int BLOCK = 512;

    /** An archive whose headers say what they are told to. */
    private static final class Raw {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Raw entry(char type, String name, String link, long size, String content) {
            byte[] header = new byte[BLOCK];
            put(header, 0, name);
            put(header, 100, "0000644\0" + "0000000\0" + "0000000\0");
            put(header, 124, String.format("%011o", size) + "\0" + "00000000000\0" + "        " + type + link);
            put(header, 257, "ustar\00000");
            int sum = 0;
            for (byte octet : header) {
                sum += octet & 0xff;
            }
            put(header, 148, String.format("%06o\0 ", sum));
            out.writeBytes(header);
            byte[] body = content.getBytes(StandardCharsets.UTF_8);
            out.writeBytes(Arrays.copyOf(body, (body.length + BLOCK - 1) / BLOCK * BLOCK));
            return this;
        }

        private static void put(byte[] header, int at, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(bytes, 0, header, at, bytes.length);
        }

        Raw file(String name, String content) {
            return entry('0', name, "", content.length(), content);
        }

        Raw symlink(String name, String target) {
            return entry('2', name, target, 0, "");
        }

        Raw hardLink(String name, String target) {
            return entry('1', name, target, 0, "");
        }

        Raw longName(char type, String name) {
            return entry(type, "././@LongLink", "", name.getBytes(StandardCharsets.UTF_8).length + 1, name + "\0");
        }

        /** A pax header, of one record for each pair. */
        Raw pax(String... keysAndValues) {
            StringBuilder records = new StringBuilder();
            for (int i = 0; i < keysAndValues.length; i += 2) {
                records.append(record(keysAndValues[i], keysAndValues[i + 1]));
            }
            return records('x', records.toString());
        }

        Raw records(char type, String records) {
            return entry(type, "pax", "", records.getBytes(StandardCharsets.UTF_8).length, records);
        }

        private static String record(String key, String value) {
            int rest = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8).length;
            int length = rest + String.valueOf(rest + 1).length();
            length = rest + String.valueOf(length).length();
            return length + " " + key + "=" + value + "\n";
        }

        byte[] tar() {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            whole.writeBytes(out.toByteArray());
            whole.writeBytes(new byte[2 * BLOCK]);
            return whole.toByteArray();
        }
    }

    /** Each entry as its kind and path, and what it holds or links to. */
    private static List<String> read(byte[] tar, TarLimits limits) throws IOException {
        LayerReader reader = new LayerReader(new ByteArrayInputStream(tar), limits);
        List<String> entries = new ArrayList<>();
        for (LayerEntry entry = reader.next(); entry != null; entry = reader.next()) {
            String more = switch (entry) {
                case LayerEntry.RegularFile file -> new String(reader.content().readAllBytes(), StandardCharsets.UTF_8);
                case LayerEntry.Symlink link -> link.target();
                case LayerEntry.HardLink link -> link.target().toString();
                default -> "";
            };
            entries.add(entry.getClass().getSimpleName().toLowerCase(Locale.ROOT) + " " + entry.path() + " " + more);
        }
        return entries;
    }

    static Stream<Arguments> names() {
        String longName = "d/" + "n".repeat(150) + "/" + "ü".repeat(60);
        String longLink = "t/".repeat(200) + "t";
        return Stream.of(
                taken("path", new Raw().pax("path", longName).file("short", "x"), "regularfile " + longName + " x"),
                taken(
                        "a path for one entry only",
                        new Raw().pax("path", "a").file("b", "1").file("c", "2"),
                        "regularfile a 1",
                        "regularfile c 2"),
                taken(
                        "an absolute path is of the layer's root",
                        new Raw().pax("path", "//etc/passwd").file("b", "1"),
                        "regularfile etc/passwd 1"),
                taken("an empty path is none", new Raw().pax("path", "").file("b", "1"), "regularfile b 1"),
                taken(
                        "the last of two paths",
                        new Raw().pax("path", "a", "path", "b").file("c", "1"),
                        "regularfile b 1"),
                taken("linkpath", new Raw().pax("linkpath", longLink).symlink("l", "x"), "symlink l " + longLink),
                taken(
                        "a symbolic link's linkpath is data",
                        new Raw().pax("linkpath", "../../../etc/shadow").symlink("l", "x"),
                        "symlink l ../../../etc/shadow"),
                taken(
                        "a hard link's linkpath",
                        new Raw().pax("linkpath", "/" + longName).hardLink("l", "x"),
                        "hardlink l " + longName));
    }

    static Stream<Arguments> sizes() {
        return Stream.of(
                taken(
                        "a size above the header's",
                        new Raw()
                                .pax("size", "600")
                                .entry('0', "f", "", 3, "y".repeat(600))
                                .file("g", "z"),
                        "regularfile f " + "y".repeat(600),
                        "regularfile g z"),
                taken(
                        "a size below the header's",
                        new Raw()
                                .pax("size", "3")
                                .entry('0', "f", "", 600, "yyy")
                                .file("g", "z"),
                        "regularfile f yyy",
                        "regularfile g z"),
                taken(
                        "a directory's size hides no entry",
                        new Raw()
                                .pax("size", "512")
                                .entry('5', "d/", "", 512, "")
                                .file("g", "z"),
                        "directory d ",
                        "regularfile g z"),
                taken(
                        "a link's size hides no entry",
                        new Raw().pax("size", "512").symlink("l", "t").file("g", "z"),
                        "symlink l t",
                        "regularfile g z"));
    }

    static Stream<Arguments> gnuNames() {
        String longName = "d/" + "n".repeat(150) + "/" + "ü".repeat(60);
        String longLink = "t/".repeat(200) + "t";
        return Stream.of(
                taken(
                        "GNU's long names",
                        new Raw()
                                .longName('L', longName)
                                .longName('K', longLink)
                                .symlink("l", "t"),
                        "symlink " + longName + " " + longLink),
                taken(
                        "GNU's long names in the other order",
                        new Raw()
                                .longName('K', longLink)
                                .longName('L', longName)
                                .symlink("l", "t"),
                        "symlink " + longName + " " + longLink),
                taken(
                        "a NUL ends GNU's long name",
                        new Raw().longName('L', "a\0/../../etc").file("b", "1"),
                        "regularfile a 1"),
                taken(
                        "pax over GNU",
                        new Raw()
                                .longName('L', "../gnu")
                                .pax("path", "pax", "linkpath", "to")
                                .longName('K', "gnu")
                                .symlink("l", "t"),
                        "symlink pax to"),
                taken(
                        "a global header moves nothing",
                        new Raw()
                                .records('g', Raw.record("path", "../../etc/passwd") + Raw.record("size", "0"))
                                .file("b", "1"),
                        "regularfile b 1"));
    }

    private static Arguments taken(String name, Raw tar, String... entries) {
        return Arguments.of(name, tar.tar(), List.of(entries));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"names", "sizes", "gnuNames"})
    void taken(String name, byte[] tar, List<String> entries) throws IOException {
        assertThat(read(tar, LIMITS)).isEqualTo(entries);
    }

    static Stream<Arguments> namesOutside() {
        String up = "../../etc/passwd";
        return Stream.of(
                refused(
                        "path upwards",
                        "\"..\" is not allowed",
                        new Raw().pax("path", up).file("b", "1")),
                refused(
                        "path upwards inside",
                        "\"..\"",
                        new Raw().pax("path", "a/../../b").file("b", "1")),
                refused(
                        "absolute path upwards",
                        "\"..\"",
                        new Raw().pax("path", "/../b").file("b", "1")),
                refused(
                        "path to a whiteout of dot dot",
                        "whiteout",
                        new Raw().pax("path", "a/.wh...").file("b", "")),
                refused(
                        "NUL in a path",
                        "a NUL in its name",
                        new Raw().pax("path", "a\0b").file("b", "1")),
                refused("empty name", "an empty name", new Raw().file("", "1")),
                refused(
                        "path too long",
                        "longer than 255",
                        new Raw().pax("path", "n".repeat(256)).file("b", "1")),
                refused(
                        "hard link upwards",
                        "leads outside",
                        new Raw().pax("linkpath", up).hardLink("l", "x")),
                refused(
                        "hard link to the root",
                        "cannot be linked",
                        new Raw().pax("linkpath", "/.").hardLink("l", "x")),
                refused(
                        "NUL in a link",
                        "a NUL",
                        new Raw().pax("linkpath", "a\0b").symlink("l", "x")),
                refused(
                        "GNU name upwards",
                        "\"..\"",
                        new Raw().longName('L', up).file("b", "1")),
                refused(
                        "GNU link upwards",
                        "leads outside",
                        new Raw().longName('K', up).hardLink("l", "x")));
    }

    static Stream<Arguments> wrongSizes() {
        return Stream.of(
                refused(
                        "size below zero",
                        "size -1",
                        new Raw().pax("size", "-1").file("b", "1")),
                refused(
                        "size of 2^63",
                        "no whole number",
                        new Raw().pax("size", "9223372036854775808").file("b", "1")),
                refused(
                        "size with a fraction",
                        "no whole number",
                        new Raw().pax("size", "1.5").file("b", "1")),
                refused(
                        "size with an exponent",
                        "size is no number",
                        new Raw().pax("size", "1e9").file("b", "1")),
                refused(
                        "size above the limit",
                        "size 1048577",
                        new Raw().pax("size", "1048577").file("b", "1")),
                refused(
                        "size above what is there",
                        "truncated",
                        new Raw().pax("size", "5000").file("b", "1")),
                refused("size that swallows the next header", "malformed tar header", swallowing()),
                refused(
                        "uid of -1",
                        "uid 4294967295",
                        new Raw().pax("uid", "4294967295").file("b", "1")));
    }

    static Stream<Arguments> wrongRecords() {
        return Stream.of(
                refused(
                        "record without length",
                        "bad record",
                        new Raw().records('x', "path=a\n").file("b", "1")),
                refused(
                        "record of length 0",
                        "bad record",
                        new Raw().records('x', "0 path=a\n").file("b", "1")),
                refused(
                        "record longer than all",
                        "bad record",
                        new Raw().records('x', "99 path=a\n").file("b", "1")),
                refused(
                        "record shorter than it is",
                        "bad record",
                        new Raw().records('x', "5 path=a\n").file("b", "1")),
                refused(
                        "length beyond an int",
                        "bad record",
                        new Raw().records('x', "4294967305 path=a\n").file("b", "")),
                refused(
                        "a global header is read too",
                        "bad record",
                        new Raw().records('g', "0 path=a\n").file("b", "1")),
                refused("nine headers", "more than 8 extended headers", nine()),
                refused("a header that nothing follows", "truncated", truncated()));
    }

    private static Arguments refused(String name, String said, Raw tar) {
        return Arguments.of(name, said, tar.tar());
    }

    /** The second file's header is content of the first one then, and its content is no header. */
    private static Raw swallowing() {
        return new Raw().pax("size", "513").entry('0', "f", "", 3, "yyy").file("g", "z".repeat(BLOCK));
    }

    private static Raw nine() {
        Raw raw = new Raw();
        for (int i = 0; i < 9; i++) {
            raw.longName('L', "n" + i);
        }
        return raw.file("b", "1");
    }

    private static Raw truncated() {
        return new Raw().entry('x', "pax", "", 4000, "30 path=a\n");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"namesOutside", "wrongSizes", "wrongRecords"})
    void refused(String name, String said, byte[] tar) {
        assertThatThrownBy(() -> read(tar, LIMITS))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(said);
    }

    /** What a header claims is not believed: it is refused by its size, before there is memory for it. */
    @Test
    void claimsTakeNoMemory() {
        for (char type : new char[] {'x', 'g', 'L', 'K'}) {
            byte[] tar = new Raw()
                    .entry(type, "h", "", 077777777777L, "")
                    .file("b", "1")
                    .tar();
            long before = allocated();
            assertThatThrownBy(() -> read(tar, TarLimits.DEFAULT))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("an extended header of 8589934591 bytes");
            assertThat(allocated() - before).isLessThan(1 << 20);
        }
    }

    /** The most records that fit into the largest header, and of those as many headers as one entry may have. */
    @Test
    void manyRecordsTakeLittleMemory() throws IOException {
        StringBuilder records = new StringBuilder();
        for (int i = 0; records.length() < (1 << 20) - 20; i++) {
            records.append(Raw.record(Integer.toString(i, 36), ""));
        }
        Raw raw = new Raw();
        for (int i = 0; i < 8; i++) {
            raw.records('x', records.toString());
        }
        byte[] tar = raw.file("b", "1").tar();
        long before = allocated();
        assertThat(read(tar, TarLimits.DEFAULT)).containsExactly("regularfile b 1");
        assertThat(allocated() - before).isLessThan(8 * (64 << 20));
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }
}
