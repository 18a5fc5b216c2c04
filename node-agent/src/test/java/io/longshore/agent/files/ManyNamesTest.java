package io.longshore.agent.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.graphdriver.TreeSize;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.TreeRemoval;
import io.longshore.agent.linux.path.WalkMemory;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A directory with more names than there is memory: hard links, which cost whoever makes them hardly an inode. */
class ManyNamesTest {
    private static final int NAMES = 40_000;
    /** As many as every file system lets a file have. */
    private static final int LINKS = 20_000;

    @TempDir
    Path work;

    @Test
    @Timeout(120)
    void itIsMeasuredArchivedAndRemovedInASmallHeap() throws Exception {
        Path tree = Files.createDirectories(work.resolve("tree"));
        Process walk = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx10m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath(),
                        Walk.class.getName(),
                        tree.toString())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(new String(walk.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("measured, archived, removed");
            assertThat(walk.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(walk.exitValue()).isZero();
        } finally {
            walk.destroyForcibly();
        }
        assertThat(tree).doesNotExist();
    }

    /** A jar's directory is in the heap of who looks into it, and Bouncy Castle's, which is not needed here, would be a tenth of it. */
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("bouncycastle"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** What the agent does with a container's files, in a process of its own. */
    static final class Walk {
        private Walk() {}

        public static void main(String[] arguments) throws IOException {
            Path tree = Path.of(arguments[0]);
            Path file = tree;
            for (int i = 0; i < NAMES; i++) {
                Path name = tree.resolve("%0240d".formatted(i));
                if (i % LINKS == 0) {
                    file = Files.writeString(name, "12345");
                } else {
                    Files.createLink(name, file);
                }
            }
            JnaSyscalls syscalls = new JnaSyscalls();
            WalkMemory memory = WalkMemory.ofHeap();
            long size = TreeSize.of(syscalls, tree, Duration.ofMinutes(1), memory);
            require(size == 5L * ((NAMES + LINKS - 1) / LINKS), "size " + size);
            System.out.print("measured");
            long[] bytes = new long[1];
            try (ContainerRoot root = ContainerRoot.open(syscalls, tree.toString());
                    OutputStream counted = new OutputStream() {
                        @Override
                        public void write(int b) {
                            bytes[0]++;
                        }

                        @Override
                        public void write(byte[] from, int offset, int length) {
                            bytes[0] += length;
                        }
                    }) {
                TreeArchive.writeContent(syscalls, root, counted, memory);
            }
            require(bytes[0] > NAMES * 512L, "archive of " + bytes[0] + " bytes");
            System.out.print(", archived");
            TreeRemoval.remove(syscalls, tree);
            System.out.print(", removed");
        }

        private static void require(boolean condition, String otherwise) {
            if (!condition) {
                throw new AssertionError(otherwise);
            }
        }
    }
}
