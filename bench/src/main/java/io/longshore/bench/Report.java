package io.longshore.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Collectors;

/** The page with the table: which machine, which day, which kernel. */
final class Report {
    private Report() {}

    static void write(Path file, List<Row> rows, String how, String profile) throws IOException {
        Files.writeString(file, page(rows, how, profile));
    }

    static String page(List<Row> rows, String how, String profile) throws IOException {
        return """
                # Benchmark results

                Longshore beside Docker Engine 20.10 (Debian's `docker.io`, in a network namespace of its own) on the same machine, file system,
                image, client and log driver; rounds alternate, figures are medians over all rounds. Made by `./longshore bench`.

                * date: %s
                * machine: %d processors (%s), %d MB of memory
                * kernel: %s
                * %s

                | what | Docker Engine | p99 | Longshore | p99 | ratio | target | met |
                | --- | --- | --- | --- | --- | --- | --- | --- |
                %s
                """.formatted(
                        LocalDate.now(ZoneOffset.UTC),
                        Runtime.getRuntime().availableProcessors(),
                        processor(),
                        memory() / 1024,
                        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
                        how,
                        rows.stream().map(Row::markdown).collect(Collectors.joining("\n")))
                + stages(profile);
    }

    /** Nothing where a part alone has not measured them. */
    private static String stages(String profile) {
        return profile.isEmpty()
                ? ""
                : "\nWhere the time of a start goes in our exec driver, as Java Flight Recorder has it (event `longshore.StartStage`):\n\n"
                        + profile + "\n";
    }

    private static String processor() throws IOException {
        return line("/proc/cpuinfo", "model name").replaceFirst(".*: *", "");
    }

    private static long memory() throws IOException {
        return Long.parseLong(line("/proc/meminfo", "MemTotal").replaceAll("\\D", ""));
    }

    private static String line(String file, String start) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .orElse("unknown");
    }
}
