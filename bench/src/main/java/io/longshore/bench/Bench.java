package io.longshore.bench;

import io.longshore.bench.fleet.FleetMeasurements;
import io.longshore.testbed.engine.DockerEngine;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ./longshore bench [--quick] [--part containers|networks|traffic|images|fleet] [--out FILE]}: starts a Docker Engine and a Longshore of its own,
 * measures, and writes the table; the part {@code fleet}, which is no part of the whole, has no Docker Engine beside it. About 20 minutes; {@code --quick} about four, and by default it writes no file, nor does a part alone. Exit
 * code 1 says that a target is missed.
 */
public final class Bench {
    private static final List<String> PARTS = List.of("containers", "networks", "traffic", "images", "fleet");

    private Bench() {}

    public static void main(String[] arguments) throws IOException {
        List<String> given = List.of(arguments);
        boolean quick = given.contains("--quick");
        String part = option(given, "--part");
        String out = option(given, "--out");
        if (!part.isEmpty() && !PARTS.contains(part)) {
            System.err.println("longshore bench: no part \"" + part + "\": there are " + String.join(", ", PARTS));
            System.exit(2);
        }
        if (!DockerEngine.available() || !RuncStart.available() || !Standalone.available() || !Tools.available()) {
            System.err.println(
                    "longshore bench: needs root, Debian's docker.io, runc, iperf3, wrk and dnsperf, and a built Longshore");
            System.exit(2);
        }
        Path directory = Files.createTempDirectory(Path.of("/var/tmp"), "longshore-bench-");
        if (part.equals("fleet")) {
            System.exit(fleet(directory, quick) ? 0 : 1);
        }
        Measurements.Size size = quick ? Measurements.Size.QUICK : Measurements.Size.FULL;
        List<Row> rows = new ArrayList<>();
        String profile = "";
        try (DockerEngine docker = DockerEngine.start(directory.resolve("docker"));
                Standalone longshore = longshore(directory.resolve("longshore"))) {
            Engines engines = Engines.withImage(docker, longshore);
            if (isWanted(part, "containers")) {
                DriverMeasurements driver = DriverMeasurements.run(directory.resolve("driver"), size);
                rows.addAll(new Measurements(size, engines).run());
                rows.add(driver.row());
                profile = driver.profile();
            }
            if (isWanted(part, "networks")) {
                rows.addAll(new NetworkMeasurements(size, engines).run());
            }
            if (isWanted(part, "traffic")) {
                rows.addAll(new TrafficMeasurements(size, engines).run());
            }
            if (isWanted(part, "images")) {
                rows.addAll(new PullMeasurements(size, engines, directory.resolve("registries")).run());
            }
        } finally {
            Trees.delete(directory);
        }
        String how = (quick ? "quick form: " : "full form: ") + size.text();
        System.out.println(Report.page(rows, how, profile));
        if (!out.isEmpty()) {
            Report.write(Path.of(out), rows, how, profile);
        } else if (!quick && part.isEmpty()) {
            Report.write(Path.of(System.getProperty("longshore.home", "."), "bench/RESULTS.md"), rows, how, profile);
        }
        System.exit(rows.stream().allMatch(Row::met) ? 0 : 1);
    }

    /** A Longshore of its own, beside which Docker Engine has nothing to show. */
    private static boolean fleet(Path directory, boolean quick) throws IOException {
        try {
            return FleetMeasurements.run(directory, quick);
        } finally {
            Trees.delete(directory);
        }
    }

    /** The value of an option, empty if it is not given. */
    private static String option(List<String> given, String name) {
        int at = given.indexOf(name);
        return at >= 0 && at + 1 < given.size() ? given.get(at + 1) : "";
    }

    private static boolean isWanted(String part, String name) {
        return part.isEmpty() || part.equals(name);
    }

    /** By the launcher, whose directory it names with {@code -Dlongshore.home}, so that what users run is measured. */
    private static Standalone longshore(Path directory) {
        String home = System.getProperty("longshore.home", "");
        return home.isEmpty() ? Standalone.start(directory) : Standalone.launch(directory, Path.of(home, "longshore"));
    }
}
