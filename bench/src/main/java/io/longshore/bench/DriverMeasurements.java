package io.longshore.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Our exec driver beside runc: a row of the table, and where the time of a start goes.
 *
 * @param row the comparison
 * @param profile a table in Markdown
 */
record DriverMeasurements(Row row, String profile) {
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    /** Measures in rounds of each, alternated, as {@link Measurements} does. */
    static DriverMeasurements run(Path directory, Measurements.Size size) throws IOException {
        Path root = root(Files.createDirectories(directory.resolve("root")));
        RuncStart runc = new RuncStart(Files.createDirectories(directory.resolve("runc")), root);
        Samples theirs = new Samples();
        Samples ours = new Samples();
        try (DriverStart driver = new DriverStart(Files.createDirectories(directory.resolve("containers")), root)) {
            add(new Samples(), size.warm(), driver::run);
            for (int round = 0; round < size.rounds(); round++) {
                add(theirs, size.slow(), runc::run);
                add(ours, size.fast(), driver::run);
            }
            Row row = Row.atMost(
                    "our exec driver from create to the entrypoint's exec; `runc run --detach` of the same root",
                    Row.Figure.of(theirs, "ms"),
                    Row.Figure.of(ours, "ms"),
                    1.0 / 4);
            return new DriverMeasurements(row, table(driver.profile(size.rounds() * size.fast())));
        }
    }

    @FunctionalInterface
    private interface Start {
        double run() throws IOException;
    }

    private static void add(Samples samples, int count, Start start) throws IOException {
        for (int i = 0; i < count; i++) {
            samples.add(start.run());
        }
    }

    private static Path root(Path root) throws IOException {
        for (String directory : List.of("bin", "dev", "etc", "proc", "sys", "tmp")) {
            Files.createDirectories(root.resolve(directory));
        }
        Files.copy(BUSYBOX, root.resolve("bin/busybox"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        Files.createSymbolicLink(root.resolve("bin/true"), Path.of("busybox"));
        return root;
    }

    private static String table(Map<String, Samples> stages) {
        List<String> lines = new ArrayList<>(List.of("| stage | median | p99 |", "| --- | --- | --- |"));
        stages.forEach((stage, samples) -> lines.add(String.format(
                Locale.ROOT, "| %s | %.2f ms | %.2f ms |", stage, samples.median(), samples.percentile(99))));
        double sum = stages.values().stream().mapToDouble(Samples::median).sum();
        lines.add(String.format(Locale.ROOT, "| sum of the medians | %.2f ms | |", sum));
        return String.join("\n", lines);
    }
}
