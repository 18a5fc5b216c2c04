package io.longshore.acceptance.fleet;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.testbed.engine.Ended;
import io.longshore.testbed.process.Program;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** Longshore as it was in the version before this one: built from the project's history, once. */
final class PreviousVersion {
    private static final int MINUTES = 8;

    private PreviousVersion() {}

    /**
     * Its class path; who calls is skipped where the history does not have it.
     *
     * @throws IllegalStateException instead, where nothing may be skipped ({@code longshore.test.complete})
     */
    static String classPath() throws IOException, InterruptedException {
        String commit = commit();
        Path root = Path.of("..").toRealPath();
        boolean known = Program.run(
                                "git",
                                "-C",
                                root.toString(),
                                "-c",
                                "safe.directory=" + root,
                                "cat-file",
                                "-e",
                                commit + ":pom.xml")
                        .code()
                == 0;
        String unknown =
                "the history here does not have the previous version, commit " + commit + ": git fetch --unshallow";
        if (!known && Boolean.getBoolean("longshore.test.complete")) {
            throw new IllegalStateException(unknown);
        }
        assumeTrue(known, unknown);
        Path jars = Path.of("target/previous", commit).toAbsolutePath();
        if (!Files.isDirectory(jars)) {
            build(root, commit, jars);
        }
        return jars + "/*";
    }

    private static String commit() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = PreviousVersion.class.getResourceAsStream("/previous-version.properties")) {
            properties.load(in);
        }
        return properties.getProperty("commit");
    }

    private static void build(Path root, String commit, Path jars) throws IOException, InterruptedException {
        Path beside = Files.createDirectories(jars.getParent());
        Path sources = Files.createTempDirectory(beside, "sources-");
        Path log = beside.resolve("build.log");
        Path unfinished = sources.resolve("jars");
        try {
            Process process = new ProcessBuilder(
                            "sh",
                            "-ec",
                            "git -C \"$1\" -c safe.directory=\"$1\" archive \"$2\" | tar -x; exec ./longshore mvn -o -q -B"
                                    + " -Dlongshore.jars=\"$3\" -pl standalone -am package",
                            "sh",
                            root.toString(),
                            commit,
                            unfinished.toString())
                    .directory(sources.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(log.toFile())
                    .start();
            try {
                if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                    throw new IllegalStateException(
                            "cannot build the previous version " + commit + ": " + Files.readString(log));
                }
            } finally {
                Ended.kill(process);
            }
            Files.move(unfinished, jars, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Trees.delete(sources);
        }
    }
}
