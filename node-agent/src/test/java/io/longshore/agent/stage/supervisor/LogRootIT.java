package io.longshore.agent.stage.supervisor;

import static io.longshore.agent.stage.supervisor.Bench.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.stage.SupervisorConfig;
import io.longshore.agent.stage.SupervisorConfig.Log;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogRootIT {
    private final JsonMapper json = new JsonMapper();
    private Bench bench;

    @BeforeEach
    void setUp() throws IOException {
        bench = newBench();
    }

    Bench newBench() throws IOException {
        return new Bench();
    }

    @AfterEach
    void tearDown() throws Exception {
        bench.close();
    }

    @Test
    void linesAreDockersJson() throws Exception {
        Instant before = Instant.now();
        try (Bench.Supervised process = bench.sh(
                "printf 'a\"\\\\\\t<b>&\\001\\n'; echo err >&2; sleep 0.1; printf 'open'; sleep 0.1; printf ' end'")) {
            assertThat(process.waitFor()).isZero();
            String text = Files.readString(process.logFile());
            assertThat(text.lines().findFirst().orElseThrow())
                    .startsWith(
                            "{\"log\":\"a\\\"\\\\\\t\\u003cb\\u003e\\u0026\\u0001\\n\",\"stream\":\"stdout\",\"time\":\"20");
            List<JsonNode> entries = entries(process.logFile());
            assertThat(entries).extracting(e -> e.get("log").asString()).contains("err\n", "open end");
            assertThat(entries.stream().map(e -> e.get("stream").asString())).contains("stderr", "stdout");
            assertThat(Instant.parse(entries.getFirst().get("time").asString())).isBetween(before, Instant.now());
        }
    }

    @Test
    void aLineHasTheTimeOfItsEndAndSoTimesAreInOrder() throws Exception {
        try (Bench.Supervised process =
                bench.sh("printf 'begin'; sleep 0.3; echo between >&2; sleep 0.3; echo ' end'")) {
            assertThat(process.waitFor()).isZero();
            List<JsonNode> entries = entries(process.logFile());
            assertThat(entries).extracting(e -> e.get("log").asString()).containsExactly("between\n", "begin end\n");
            assertThat(Instant.parse(entries.getLast().get("time").asString()))
                    .isAfter(Instant.parse(entries.getFirst().get("time").asString()));
        }
    }

    @Test
    void aFullDiskAndALogThatSomebodyEmptiedLeaveWholeLinesOnly() throws Exception {
        Path disk = Files.createDirectories(bench.directory.resolve("disk"));
        bench.syscalls.mount("tmpfs", disk.toString(), "tmpfs", 0, "size=64k");
        try {
            Path log = disk.resolve("log.json");
            try (Bench.Supervised process = bench.create(
                    config -> config.log(new Log(log.toString(), 0, 1)).stdin(SupervisorConfig.Stdin.OPEN))) {
                process.start(
                        "/bin/sh",
                        "-c",
                        "while read count; do i=0; while [ $i -lt $count ]; do"
                                + " echo line $i; i=$((i+1)); done; echo done >&2; done");
                try (Attachment attached = process.attach(true)) {
                    var frames = new Frames(attached.input());
                    fill(attached, frames, "400\n", 1);
                    Files.write(log, new byte[0], java.nio.file.StandardOpenOption.TRUNCATE_EXISTING);
                    fill(attached, frames, "2000\n", 2);
                }
                process.client.closeStdin(Bench.SOON);
                assertThat(process.waitFor()).isZero();
                assertThat(logs(log)).hasSizeGreaterThan(300).contains("line 0\n");
            }
        } finally {
            bench.syscalls.umount2(disk.toString(), MountFlags.MNT_DETACH);
        }
    }

    private static void fill(Attachment attached, Frames frames, String count, int round) throws IOException {
        attached.output().write(count.getBytes(StandardCharsets.UTF_8));
        while (!frames.err().equals("done\n".repeat(round))) {
            assertThat(frames.readOne()).isTrue();
        }
    }

    @Test
    void longLinesAreSplitAndBadBytesReplaced() throws Exception {
        Path input = bench.root.resolve("tmp/input");
        var bytes = new java.io.ByteArrayOutputStream();
        bytes.writeBytes("x".repeat(16384).getBytes(StandardCharsets.UTF_8));
        bytes.write('\n');
        String wide = "y" + "€".repeat(20000);
        bytes.writeBytes(wide.getBytes(StandardCharsets.UTF_8));
        bytes.write('\n');
        bytes.writeBytes(new byte[] {'<', (byte) 0xff, (byte) 0xc3, '(', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '\n'});
        Files.write(input, bytes.toByteArray());
        try (Bench.Supervised process = bench.sh("cat /tmp/input")) {
            assertThat(process.waitFor()).isZero();
            List<String> logs = logs(process.logFile());
            assertThat(logs.get(0)).isEqualTo("x".repeat(16384));
            assertThat(logs.get(1)).isEqualTo("\n");
            assertThat(String.join("", logs.subList(2, logs.size() - 1))).isEqualTo(wide + "\n");
            assertThat(logs.subList(2, logs.size() - 2))
                    .allMatch(part -> !part.endsWith("\n") && part.getBytes(StandardCharsets.UTF_8).length > 16380);
            assertThat(logs.getLast()).isEqualTo("<\ufffd\ufffd(\ufffd\ufffd\ufffd\n");
        }
    }

    @Test
    void rotationKeepsEveryLineOnceAndTheBounds() throws Exception {
        try (Bench.Supervised process = bench.run(
                config -> limited(config, 10_000, 100),
                "/bin/sh",
                "-c",
                "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done")) {
            assertThat(process.waitFor()).isZero();
            var lines = new ArrayList<String>();
            List<Path> files = files(process.logFile());
            for (Path file : files) {
                lines.addAll(logs(file));
                assertThat(Files.size(file)).isLessThan(10_200);
            }
            assertThat(lines)
                    .isEqualTo(IntStream.range(0, 5000)
                            .mapToObj(i -> "line " + i + "\n")
                            .toList());
            assertThat(files).hasSizeGreaterThan(20);
        }
    }

    @Test
    void rotationDropsTheOldestBeyondMaxFiles() throws Exception {
        try (Bench.Supervised process = bench.run(
                config -> limited(config, 10_000, 3),
                "/bin/sh",
                "-c",
                "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done")) {
            assertThat(process.waitFor()).isZero();
            var lines = new ArrayList<String>();
            List<Path> files = files(process.logFile());
            assertThat(files).hasSize(3);
            for (Path file : files) {
                lines.addAll(logs(file));
            }
            assertThat(lines)
                    .isEqualTo(IntStream.range(5000 - lines.size(), 5000)
                            .mapToObj(i -> "line " + i + "\n")
                            .toList())
                    .hasSizeGreaterThan(200);
        }
        try (Bench.Supervised process = bench.run(
                config -> limited(config, 10_000, 1),
                "/bin/sh",
                "-c",
                "i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i+1)); done")) {
            assertThat(process.waitFor()).isZero();
            assertThat(files(process.logFile())).hasSize(1);
            assertThat(Files.size(process.logFile())).isLessThan(10_200);
            assertThat(logs(process.logFile()).getLast()).isEqualTo("line 999\n");
        }
    }

    @Test
    void attributesGoWithEveryLine() throws Exception {
        try (Bench.Supervised process = bench.run(
                config -> config.log(new Log(path(config), 0, 1, false, false, "{\"tag\":\"é\"}")),
                "/bin/sh",
                "-c",
                "echo one; echo two >&2")) {
            assertThat(process.waitFor()).isZero();
            assertThat(entries(process.logFile()))
                    .hasSize(2)
                    .allSatisfy(entry ->
                            assertThat(entry.at("/attrs/tag").asString()).isEqualTo("é"));
        }
    }

    @Test
    void filesThatKeepTheirNumbersAreCountedOnByTheNextLife() throws Exception {
        Path log = bench.directory.resolve("counted.log");
        for (int life = 0; life < 2; life++) {
            try (Bench.Supervised process = bench.run(
                    config -> config.log(new Log(log.toString(), 1_000, 3, true, true, "")),
                    "/bin/sh",
                    "-c",
                    "i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i+1)); done")) {
                assertThat(process.waitFor()).isZero();
            }
        }
        List<Path> files = new ArrayList<>();
        try (var found = Files.newDirectoryStream(bench.directory, "counted.log*")) {
            found.forEach(files::add);
        }
        files.sort(Comparator.comparing(file -> file.equals(log) ? "x" : file.toString()));
        assertThat(files).hasSize(3);
        int last = Integer.parseInt(
                files.get(1).toString().substring(log.toString().length() + 1));
        assertThat(last).isGreaterThan(50);
        assertThat(files.getFirst()).isEqualTo(Path.of(log + "." + (last - 1)));
        List<String> lines = new ArrayList<>();
        for (Path file : files) {
            assertThat(Files.size(file)).isLessThan(1_050);
            lines.addAll(Files.readAllLines(file));
        }
        assertThat(lines).allMatch(line -> line.matches("\\d+\\.\\d{9} o \\d+ line \\d+"));
        assertThat(lines.stream().map(line -> line.replaceAll(".* ", "")))
                .isEqualTo(IntStream.range(1000 - lines.size(), 1000)
                        .mapToObj(Integer::toString)
                        .toList());
    }

    @Test
    void aSecondLifeAppendsAfterCuttingATornLine() throws Exception {
        Path log = bench.directory.resolve("kept.json");
        Files.writeString(
                log, "{\"log\":\"before\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00Z\"}\n{\"log\":\"tor");
        try (Bench.Supervised process =
                bench.run(config -> config.log(new Log(log.toString(), 0, 1)), "/bin/sh", "-c", "echo after")) {
            assertThat(process.waitFor()).isZero();
            assertThat(logs(log)).containsExactly("before\n", "after\n");
        }
    }

    @Test
    void aFullDiskStopsNeitherProcessNorStreams() throws Exception {
        Path disk = Files.createDirectories(bench.directory.resolve("disk"));
        bench.syscalls.mount("tmpfs", disk.toString(), "tmpfs", 0, "size=64k");
        try {
            Path log = disk.resolve("log.json");
            Path room = bench.root.resolve("tmp/room");
            try (Bench.Supervised process = bench.create(config -> config.log(new Log(log.toString(), 0, 1)));
                    Attachment attached = process.attach(false)) {
                process.start(
                        "/bin/sh",
                        "-c",
                        "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done;"
                                + " while [ ! -e /tmp/room ]; do sleep 0.05; done; echo last; exit 5");
                var frames = new Frames(attached.input());
                while (!frames.out().endsWith("line 4999\n")) {
                    assertThat(frames.readOne()).isTrue();
                }
                long written = logs(log).size();
                bench.syscalls.mount("tmpfs", disk.toString(), "", MountFlags.MS_REMOUNT, "size=1m");
                Files.createFile(room);

                assertThat(process.waitFor()).isEqualTo(5);
                List<String> logs = logs(log);
                assertThat(logs.getLast()).isEqualTo("last\n");
                assertThat(logs.subList(0, 300))
                        .isEqualTo(IntStream.range(0, 300)
                                .mapToObj(i -> "line " + i + "\n")
                                .toList());
                ExitRecord record = ExitRecord.read(process.exitFile()).orElseThrow();
                assertThat(record.droppedLogLines())
                        .isEqualTo(5001 - logs.size())
                        .isPositive();
                assertThat(written).isLessThanOrEqualTo(logs.size());
            }
        } finally {
            bench.syscalls.umount2(disk.toString(), MountFlags.MNT_DETACH);
        }
    }

    @Test
    void aFullDiskKeepsTheOutcome() throws Exception {
        Path disk = Files.createDirectories(bench.directory.resolve("disk"));
        bench.syscalls.mount("tmpfs", disk.toString(), "tmpfs", 0, "size=64k");
        try {
            try (Bench.Supervised process = bench.create(config -> new SupervisorConfig(
                    config.id(),
                    config.socket(),
                    disk.resolve("exit").toString(),
                    config.stdin(),
                    config.terminal(),
                    config.log(),
                    config.stall(),
                    config.grace(),
                    config.buffer(),
                    config.forks()))) {
                process.start("/bin/sh", "-c", "exit 9");
                try {
                    Files.write(disk.resolve("fill"), new byte[64 << 10]);
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("No space left");
                }
                assertThat(process.waitFor()).isEqualTo(9);
                eventually("the record is there", () -> Files.exists(disk.resolve("exit")));
                assertThat(ExitRecord.read(disk.resolve("exit")).orElseThrow().status())
                        .isEqualTo(9);
            }
        } finally {
            bench.syscalls.umount2(disk.toString(), MountFlags.MNT_DETACH);
        }
    }

    private static SupervisorConfig limited(SupervisorConfig config, long maxBytes, int maxFiles) {
        return config.log(new Log(path(config), maxBytes, maxFiles));
    }

    private static String path(SupervisorConfig config) {
        return Objects.requireNonNull(config.log()).path();
    }

    /** The log's files, oldest first. */
    private static List<Path> files(Path current) throws IOException {
        var files = new ArrayList<Path>();
        files.add(current);
        for (int i = 1; Files.exists(Path.of(current + "." + i)); i++) {
            files.addFirst(Path.of(current + "." + i));
        }
        return files;
    }

    private List<JsonNode> entries(Path file) throws IOException {
        return Files.readAllLines(file).stream().map(json::readTree).toList();
    }

    private List<String> logs(Path file) throws IOException {
        return entries(file).stream().map(e -> e.get("log").asString()).toList();
    }
}
