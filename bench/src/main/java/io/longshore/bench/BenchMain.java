package io.longshore.bench;

import io.longshore.acceptance.engine.DockerEngine;
import io.longshore.acceptance.engine.Standalone;
import io.longshore.acceptance.engine.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code ./longshore bench [--quick] [--out FILE]}: starts a Docker Engine and a Longshore of its own, measures, and writes the
 * table. About five minutes; {@code --quick} about one, and by default it writes no file. Ends with 1 if a target is missed.
 */
public final class BenchMain {
    private BenchMain() {}

    public static void main(String[] arguments) throws IOException {
        List<String> given = List.of(arguments);
        boolean quick = given.contains("--quick");
        int out = given.indexOf("--out");
        if (!DockerEngine.available() || !Standalone.available()) {
            System.err.println("longshore bench: needs root, Debian's docker.io and a built Longshore");
            System.exit(2);
        }
        Path directory = Files.createTempDirectory(Path.of("/var/tmp"), "longshore-bench-");
        List<Row> rows;
        try (DockerEngine docker = DockerEngine.start(directory.resolve("docker"));
                Standalone longshore = Standalone.start(directory.resolve("longshore"), jvmOptions())) {
            rows = new Bench(quick ? Bench.Size.QUICK : Bench.Size.FULL, docker, longshore).run();
        } finally {
            Trees.delete(directory);
        }
        String how = quick ? "quick form: few samples" : "full form: five rounds";
        System.out.println(Report.page(rows, how));
        if (out >= 0 && out + 1 < given.size()) {
            Report.write(Path.of(given.get(out + 1)), rows, how);
        } else if (!quick) {
            Report.write(Path.of("bench/RESULTS.md"), rows, how);
        }
        System.exit(rows.stream().allMatch(Row::met) ? 0 : 1);
    }

    /** What the launcher gives the JVM of {@code up}, so that the same is measured; {@code -Dlongshore.jvm="..."}. */
    private static List<String> jvmOptions() {
        String options = System.getProperty("longshore.jvm", "");
        return options.isBlank() ? List.of() : List.of(options.trim().split("\\s+"));
    }
}
