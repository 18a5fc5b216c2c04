package io.longshore.bench;

import io.longshore.testbed.engine.DockerEngine;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.engine.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ./longshore bench [--quick] [--out FILE]}: starts a Docker Engine and a Longshore of its own, measures, and writes the
 * table. About ten minutes; {@code --quick} about two, and by default it writes no file. Exit code 1 says that a target is missed.
 */
public final class Bench {
    private Bench() {}

    public static void main(String[] arguments) throws IOException {
        List<String> given = List.of(arguments);
        boolean quick = given.contains("--quick");
        int out = given.indexOf("--out");
        if (!DockerEngine.available() || !RuncStart.available() || !Standalone.available()) {
            System.err.println("longshore bench: needs root, Debian's docker.io and runc, and a built Longshore");
            System.exit(2);
        }
        Path directory = Files.createTempDirectory(Path.of("/var/tmp"), "longshore-bench-");
        Measurements.Size size = quick ? Measurements.Size.QUICK : Measurements.Size.FULL;
        List<Row> rows;
        DriverMeasurements driver;
        try (DockerEngine docker = DockerEngine.start(directory.resolve("docker"));
                Standalone longshore = longshore(directory.resolve("longshore"))) {
            driver = DriverMeasurements.run(directory.resolve("driver"), size);
            rows = new ArrayList<>(new Measurements(size, docker, longshore).run());
            rows.add(driver.row());
        } finally {
            Trees.delete(directory);
        }
        String how = (quick ? "quick form: " : "full form: ") + size.text();
        System.out.println(Report.page(rows, how, driver.profile()));
        if (out >= 0 && out + 1 < given.size()) {
            Report.write(Path.of(given.get(out + 1)), rows, how, driver.profile());
        } else if (!quick) {
            Report.write(
                    Path.of(System.getProperty("longshore.home", "."), "bench/RESULTS.md"),
                    rows,
                    how,
                    driver.profile());
        }
        System.exit(rows.stream().allMatch(Row::met) ? 0 : 1);
    }

    /** By the launcher, whose directory it names with {@code -Dlongshore.home}, so that what users run is measured. */
    private static Standalone longshore(Path directory) {
        String home = System.getProperty("longshore.home", "");
        return home.isEmpty() ? Standalone.start(directory) : Standalone.launch(directory, Path.of(home, "longshore"));
    }
}
