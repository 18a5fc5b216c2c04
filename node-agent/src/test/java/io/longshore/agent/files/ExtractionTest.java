package io.longshore.agent.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.error.Failure;
import io.longshore.oci.tar.TarHeader;
import io.longshore.oci.tar.TarLimits;
import io.longshore.oci.tar.TarReader;
import io.longshore.oci.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives into a directory that stands for a container's root, and out of it; everything belongs to whoever runs the test. */
class ExtractionTest {
    private static final Instant TIME = Instant.ofEpochSecond(1_600_000_000, 123_000_000);

    @TempDir
    Path work;

    private final JnaSyscalls syscalls = new JnaSyscalls();
    private final WalkMemory memory = WalkMemory.ofHeap();
    private final ByteArrayOutputStream archive = new ByteArrayOutputStream();
    private final TarWriter tar = new TarWriter(archive);

    @SuppressWarnings("NullAway.Init")
    private Path inside;

    @SuppressWarnings("NullAway.Init")
    private ContainerRoot root;

    @BeforeEach
    void makeRoot() throws IOException {
        inside = Files.createDirectories(work.resolve("root"));
        Files.createDirectories(inside.resolve("d/sub"));
        Files.writeString(inside.resolve("d/f"), "old");
        Files.createDirectories(work.resolve("outside"));
        Files.writeString(work.resolve("outside/kept"), "of the host");
        root = ContainerRoot.open(syscalls, inside.toString());
    }

    @AfterEach
    void nothingEscaped() throws IOException {
        root.close();
        assertThat(work.resolve("outside")).isDirectoryContaining("glob:**/kept");
        assertThat(work.resolve("outside/kept")).hasContent("of the host");
        try (var found = Files.list(work.resolve("outside"))) {
            assertThat(found.count()).isEqualTo(1);
        }
    }

    private ExtractionTest entry(String name, TarHeader.Type type, int mode, String content, String link)
            throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        tar.entry(new TarHeader(name, type, mode, 77, 78, bytes.length, TIME, link, 0, 0, Map.of()));
        tar.write(bytes, 0, bytes.length);
        return this;
    }

    private ExtractionTest file(String name, String content) throws IOException {
        return entry(name, TarHeader.Type.FILE, 0640, content, "");
    }

    private void extract(String destination, boolean keepKinds) throws IOException {
        tar.finish();
        int uid = (int) Files.getAttribute(inside, "unix:uid");
        int gid = (int) Files.getAttribute(inside, "unix:gid");
        var options = new Extraction.Options(keepKinds, new Extraction.Owner(uid, gid));
        new Extraction(syscalls, root, FilePath.parse(destination), options, memory.share())
                .extract(new ByteArrayInputStream(archive.toByteArray()), TarLimits.DEFAULT);
    }

    @Test
    void filesDirectoriesAndLinks() throws IOException {
        entry("new/", TarHeader.Type.DIRECTORY, 0710, "", "");
        file("new/a", "content");
        entry("new/hard", TarHeader.Type.HARD_LINK, 0, "", "new/a");
        entry("new/soft", TarHeader.Type.SYMLINK, 0777, "", "/anywhere");
        file("made/on/the/way", "x");
        extract("/d", true);
        assertThat(inside.resolve("d/new/a")).hasContent("content");
        assertThat(Files.getLastModifiedTime(inside.resolve("d/new/a")).toInstant())
                .isEqualTo(TIME);
        assertThat(Files.getLastModifiedTime(inside.resolve("d/new")).toInstant())
                .isEqualTo(TIME);
        assertThat((int) Files.getAttribute(inside.resolve("d/new"), "unix:mode") & 07777)
                .isEqualTo(0710);
        assertThat((int) Files.getAttribute(inside.resolve("d/new/a"), "unix:mode") & 07777)
                .isEqualTo(0640);
        assertThat(Files.getAttribute(inside.resolve("d/new/hard"), "unix:nlink"))
                .isEqualTo(2);
        assertThat(Files.readSymbolicLink(inside.resolve("d/new/soft"))).hasToString("/anywhere");
        assertThat(inside.resolve("d/made/on/the/way")).hasContent("x");
        assertThat(inside.resolve("d/f")).hasContent("old");
    }

    @Test
    void whatIsThereIsReplacedAndDirectoriesMerge() throws IOException {
        Path linked = Files.createLink(inside.resolve("second"), inside.resolve("d/f"));
        file("f", "new");
        entry("sub/", TarHeader.Type.DIRECTORY, 0700, "", "");
        extract("/d/.", true);
        assertThat(inside.resolve("d/f")).hasContent("new");
        assertThat(linked).as("the other name of what was replaced").hasContent("old");
        assertThat((int) Files.getAttribute(inside.resolve("d/sub"), "unix:mode") & 07777)
                .isEqualTo(0700);
    }

    @Test
    void kindsAreKeptWhenAsked() throws IOException {
        file("sub", "x");
        assertThatThrownBy(() -> extract("/d", true))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("cannot overwrite directory")
                .hasMessageContaining("sub");
        archive.reset();
        entry("f/", TarHeader.Type.DIRECTORY, 0700, "", "");
        assertThatThrownBy(() -> extract("/d", true))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("cannot overwrite non-directory");
        extract("/d", false);
        assertThat(inside.resolve("d/f")).isDirectory();
    }

    @Test
    void linksOfTheContainerAreFollowedInside() throws IOException {
        Files.createDirectories(inside.resolve("tmp"));
        Files.createSymbolicLink(inside.resolve("d/out"), Path.of("/tmp/"));
        Files.createSymbolicLink(inside.resolve("up"), Path.of("../../../../d"));
        file("out/through", "x");
        extract("/up", true);
        assertThat(inside.resolve("tmp/through")).hasContent("x");
    }

    @Test
    void namesCannotLeaveTheDestination() throws IOException {
        for (String bad : List.of("../f", "a/../../f", "..", "/../outside/kept")) {
            archive.reset();
            file(bad, "x");
            assertThatThrownBy(() -> extract("/d", false))
                    .as(bad)
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessageContaining("outside of the destination");
        }
    }

    @Test
    void linksOfTheArchiveLeadNowhereOutside() throws IOException {
        entry("out", TarHeader.Type.SYMLINK, 0777, "", work.resolve("outside").toString());
        file("out/kept", "x");
        // The link leads to a directory that is not inside: it is made there as anywhere else, or refused; never
        // outside.
        try {
            extract("/d", false);
        } catch (Failure.Invalid e) {
            assertThat(e).hasMessageContaining("out");
        }
        archive.reset();
        entry(
                "stolen",
                TarHeader.Type.HARD_LINK,
                0,
                "",
                work.resolve("outside/kept").toString());
        assertThatThrownBy(() -> extract("/d", false)).isInstanceOf(Failure.Invalid.class);
        archive.reset();
        entry("stolen", TarHeader.Type.HARD_LINK, 0, "", "../../outside/kept");
        assertThatThrownBy(() -> extract("/d", false)).isInstanceOf(Failure.Invalid.class);
        assertThat(Files.exists(inside.resolve("d/stolen"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
    }

    @Test
    void aTruncatedArchiveIsRefused() throws IOException {
        file("a", "content");
        byte[] half = java.util.Arrays.copyOf(archive.toByteArray(), 515);
        var options = new Extraction.Options(false, null);
        assertThatThrownBy(() -> new Extraction(syscalls, root, FilePath.parse("/"), options, memory.share())
                        .extract(new ByteArrayInputStream(half), TarLimits.DEFAULT))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("truncated");
    }

    private List<String> archived(String name, String as) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TreeArchive.write(syscalls, root, name, as, out, memory);
        TarReader reader = new TarReader(new ByteArrayInputStream(out.toByteArray()), TarLimits.DEFAULT);
        List<String> found = new ArrayList<>();
        for (TarHeader header = reader.next(); header != null; header = reader.next()) {
            found.add(header.type() + " " + header.name() + " " + header.linkName()
                    + new String(reader.content().readAllBytes(), StandardCharsets.UTF_8));
        }
        return found;
    }

    @Test
    void aTreeIsArchivedUnderItsName() throws IOException {
        Files.createSymbolicLink(inside.resolve("d/link"), Path.of("../../outside"));
        Files.createLink(inside.resolve("d/hard"), inside.resolve("d/f"));
        assertThat(archived("d", "as"))
                .containsExactly(
                        "DIRECTORY as/ ",
                        "FILE as/f old",
                        "HARD_LINK as/hard as/f",
                        "SYMLINK as/link ../../outside",
                        "DIRECTORY as/sub/ ");
        assertThat(archived(".", "")).startsWith("DIRECTORY / ", "DIRECTORY /d/ ");
        assertThat(archived(".", ".")).startsWith("DIRECTORY ./ ", "DIRECTORY ./d/ ");
        assertThat(archived("nosuch", "x")).isEmpty();
    }
}
