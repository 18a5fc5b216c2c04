package io.longshore.agent.linux.path;

import static io.longshore.agent.linux.path.Names.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.jna.JnaSyscalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ContainerRootRootIT {
    private static final Instant THEN = Instant.parse("2001-02-03T04:05:06.123456789Z");
    private static final Attributes OWNED = new Attributes(1234, 5678, 0751, THEN, Map.of());

    private final JnaSyscalls syscalls = new JnaSyscalls();
    private Path directory;
    private Path inside;
    private Path canary;
    private ContainerRoot root;

    @BeforeEach
    void setUp() throws IOException {
        directory = Files.createTempDirectory("root");
        inside = Files.createDirectories(directory.resolve("inside"));
        canary = Files.createDirectories(directory.resolve("outside")).resolve("canary");
        Files.writeString(canary, "host");
        root = ContainerRoot.open(syscalls, inside.toString());
    }

    @AfterEach
    void tearDown() throws IOException {
        root.close();
        assertThat(canary).hasContent("host");
        assertThat(canary.resolveSibling("made")).doesNotExist();
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void createsEveryKindOfEntryWithItsAttributes() throws IOException {
        root.directories("/usr/share/doc");
        write("usr/share/file", "content");
        root.apply("usr/share/file", new Attributes(1, 2, 04755, THEN, Map.of("user.note", new byte[] {1, 2, 0})));
        root.directory("usr/dir", OWNED);
        root.directory("usr/dir", OWNED);
        root.symlink("usr/link", "/etc/../..//outside/canary", OWNED);
        root.hardLink("usr/hard", "/usr/share/file");
        root.node("usr/null", OpenFlags.S_IFCHR, FileStatus.device(1, 3), OWNED);
        root.node("usr/disk", OpenFlags.S_IFBLK, FileStatus.device(259, 70000), OWNED);
        root.node("usr/fifo", OpenFlags.S_IFIFO, 0, OWNED);

        FileStatus file = root.status("/usr/share/file").orElseThrow();
        assertThat(file.permissions()).isEqualTo(04755);
        assertThat(file.uid()).isEqualTo(1);
        assertThat(file.gid()).isEqualTo(2);
        assertThat(file.modified()).isEqualTo(THEN);
        assertThat(file.links()).isEqualTo(2);
        assertThat(file.size()).isEqualTo(7);
        assertThat(root.xattr("usr/hard", "user.note")).contains(new byte[] {1, 2, 0});
        assertThat(root.xattrs("usr/hard")).containsExactly("user.note");
        assertThat(root.xattr("usr/hard", "user.none")).isEmpty();
        for (String owned : new String[] {"usr/dir", "usr/link", "usr/null", "usr/fifo"}) {
            FileStatus status = root.status(owned).orElseThrow();
            assertThat(status.uid()).as(owned).isEqualTo(1234);
            assertThat(status.gid()).as(owned).isEqualTo(5678);
            assertThat(status.modified()).as(owned).isEqualTo(THEN);
            assertThat(status.isSymlink() ? 0751 : status.permissions())
                    .as(owned)
                    .isEqualTo(0751);
        }
        FileStatus disk = root.status("usr/disk").orElseThrow();
        assertThat(disk.type()).isEqualTo(OpenFlags.S_IFBLK);
        assertThat(FileStatus.major(disk.rdev())).isEqualTo(259);
        assertThat(FileStatus.minor(disk.rdev())).isEqualTo(70000);
        assertThat(root.target("usr/link")).isEqualTo("/etc/../..//outside/canary");
        assertThat(names(root, "/usr"))
                .containsExactlyInAnyOrder("share", "dir", "link", "hard", "null", "disk", "fifo");
        assertThat(root.read("usr/share/file", 7)).asString().isEqualTo("content");
    }

    @Test
    void symlinksAndDotDotStayInside() throws IOException {
        root.directory("etc", Attributes.ofMode(0755));
        write("etc/passwd", "inside");
        root.symlink("up", "../../../../etc", OWNED);
        root.symlink("absolute", "/etc", OWNED);
        root.symlink("escape", directory.resolve("outside").toString(), OWNED);
        root.symlink("magic", "/proc/self/root", OWNED);

        assertThat(root.read("up/passwd", 100)).asString().isEqualTo("inside");
        assertThat(root.read("/absolute/passwd", 100)).asString().isEqualTo("inside");
        assertThat(root.read("../../etc/passwd", 100)).asString().isEqualTo("inside");
        assertThat(root.read("etc/../../../etc/passwd", 100)).asString().isEqualTo("inside");
        assertThatThrownBy(() -> root.read("escape/canary", 100)).hasMessageContaining("ENOENT");
        assertThatThrownBy(() -> root.createFile("escape/made")).hasMessageContaining("ENOENT");
        assertThatThrownBy(() -> root.read("magic/etc/passwd", 100)).isInstanceOf(ErrnoException.class);
        root.remove("escape/canary");
        root.remove("escape");
        root.remove("nothing/there");
        assertThat(root.status("escape")).isEmpty();
    }

    @Test
    void theLastComponentIsNeverFollowed() throws IOException {
        root.symlink("link", canary.toString(), OWNED);
        root.symlink("dir", "/", OWNED);

        assertThatThrownBy(() -> root.createFile("link")).hasMessageContaining("EEXIST");
        assertThatThrownBy(() -> root.directory("dir", OWNED)).hasMessageContaining("EEXIST");
        root.apply("link", OWNED);
        root.touch("link", THEN);
        root.hardLink("link2", "link");
        assertThat(root.status("link2").orElseThrow().isSymlink()).isTrue();
        for (String bad : new String[] {"", "/", ".", "..", "a/.."}) {
            assertThatThrownBy(() -> root.createFile(bad)).as(bad).isInstanceOf(ErrnoException.class);
        }
        assertThatThrownBy(() -> root.createFile("a\0b")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readingIsBoundedAndForRegularFilesOnly() throws IOException {
        write("big", "x".repeat(20000));
        root.node("fifo", OpenFlags.S_IFIFO, 0, OWNED);
        root.node("zero", OpenFlags.S_IFCHR, FileStatus.device(1, 5), OWNED);
        root.symlink("loop", "loop", OWNED);

        assertThat(root.read("big", 20000)).hasSize(20000);
        assertThatThrownBy(() -> root.read("big", 19999))
                .hasMessageContaining("EFBIG")
                .hasMessageContaining("big");
        assertThatThrownBy(() -> root.read("fifo", 10)).hasMessageContaining("not a regular file");
        assertThatThrownBy(() -> root.read("zero", 10)).hasMessageContaining("not a regular file");
        assertThatThrownBy(() -> root.read("loop", 10)).hasMessageContaining("ELOOP");
        assertThatThrownBy(() -> root.read("none", 10))
                .hasMessageContaining("ENOENT")
                .hasMessageContaining("none");
    }

    @Test
    void removesTreesAndNamesThatAreNotText() throws IOException {
        root.directories("a/b/c");
        write("a/b/c/file", "x");
        String odd = "odd\udcff\udc80é\n";
        write("a/" + odd, "y");
        root.symlink("a/b/out", directory.resolve("outside").toString(), OWNED);
        assertThat(names(root, "a")).containsExactlyInAnyOrder("b", odd);
        assertThat(root.read("a/" + odd, 10)).asString().isEqualTo("y");

        root.rename("a", "z");
        assertThat(root.status("a")).isEmpty();
        root.remove("z");
        assertThat(names(root, "/")).isEmpty();
    }

    /** Deeper than the agent has descriptors or stack for, and than a path may name. */
    @Test
    void removesATreeOfAnyDepth() throws IOException {
        root.directory("deep", OWNED);
        Fd at = root.open("deep", OpenFlags.O_PATH, 0);
        for (int level = 0; level < 5_000; level++) {
            try (Fd above = at) {
                syscalls.mkdirat(above, "d", 0700);
                at = syscalls.openat2(above, "d", OpenFlags.O_PATH, 0, 0);
            }
        }
        at.close();
        root.remove("deep");
        assertThat(names(root, "/")).isEmpty();
    }

    /** A directory that is a symlink to the host's every other moment: nothing may be made or read out there. */
    @Test
    void aRaceWithRenamesStaysInside() throws Exception {
        root.directory("d", Attributes.ofMode(0755));
        root.symlink("s", directory.resolve("outside").toString(), OWNED);
        write("d/canary", "inside");
        var stop = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                try (Fd dir = syscalls.open(inside.toString(), OpenFlags.O_PATH, 0)) {
                    syscalls.renameat2(dir, "d", dir, "s", OpenFlags.RENAME_EXCHANGE);
                } catch (ErrnoException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        int read = 0;
        for (int i = 0; i < 10_000; i++) {
            try {
                assertThat(root.read("d/canary", 100)).asString().isEqualTo("inside");
                read++;
                root.createFile("d/made").close();
                root.remove("d/made");
            } catch (ErrnoException e) {
                assertThat(e.getMessage()).containsAnyOf("ENOENT", "EEXIST");
            }
        }
        stop.set(true);
        swapper.join();
        assertThat(read).isPositive();
    }

    private void write(String path, String content) throws IOException {
        try (Fd fd = root.createFile(path)) {
            ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                syscalls.write(fd, bytes);
            }
        }
    }
}
