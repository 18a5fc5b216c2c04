package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docker logs}. */
class LogsCliRootIT extends CliCases {
    private void numbers() {
        docker.probe(
                        "run --name numbers --network none busybox sh -c 'for i in 1 2 3 4 5; do echo $i; sleep 0.05; done'")
                .ok();
    }

    @Test
    void printsAllOutput() {
        numbers();
        docker.ok("logs numbers").prints("1\n2\n3\n4\n5\n");
    }

    @Test
    void keepsErrorsApart() {
        docker.ok("run --name both --network none busybox sh -c 'echo out; echo err >&2'");
        docker.ok("logs both").prints("out\n").says("err\n");
    }

    @Test
    void printsTheLastLines() {
        numbers();
        docker.ok("logs --tail 2 numbers").prints("4\n5\n");
        docker.ok("logs --tail 0 numbers").prints("");
        docker.ok("logs --tail all numbers").prints("1\n2\n3\n4\n5\n");
        docker.ok("logs --tail 99 numbers").prints("1\n2\n3\n4\n5\n");
    }

    @Test
    void stampsLines() {
        numbers();
        docker.ok("logs -t --tail 1 numbers").printsMatch("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z 5\n$");
        List<String> stamps = docker.probe("logs -t numbers").lines();
        assertThat(stamps).isSorted().hasSize(5);
    }

    @Test
    void printsSinceAndUntil() {
        numbers();
        List<String> stamps = docker.probe("logs -t numbers").lines().stream()
                .map(line -> line.split(" ")[0])
                .toList();
        docker.ok("logs --since " + stamps.get(3) + " numbers").prints("4\n5\n");
        docker.ok("logs --until " + stamps.get(1) + " numbers").prints("1\n2\n");
        docker.ok("logs --since " + stamps.get(1) + " --until " + stamps.get(3) + " numbers")
                .prints("2\n3\n4\n");
        docker.ok("logs --since 2099-01-01T00:00:00Z numbers").prints("");
        docker.ok("logs --since 1h numbers").prints("1\n2\n3\n4\n5\n");
    }

    @Test
    void followsToTheEnd() {
        docker.ok("run -d --name counts --network none busybox sh -c 'for i in 1 2 3; do echo $i; sleep 0.2; done'");
        docker.run("logs -f counts").ok().prints("1\n2\n3\n");
        docker.ok("inspect --format '{{.State.Status}}' counts").prints("exited\n");
        docker.run("logs -f counts").ok().prints("1\n2\n3\n");
    }

    @Test
    void followsFromTheTail() {
        docker.ok("run -d -i --name echoes --network none busybox sh -c 'echo old; echo last; cat'");
        try (Started all = docker.start("logs -f echoes")) {
            all.awaitOutput("last\n");
        }
        try (Started logs = docker.start("logs -f --tail 1 echoes")) {
            logs.awaitOutput("last\n");
            docker.run("kill echoes").ok();
            logs.await(Duration.ofSeconds(20)).ok().prints("last\n");
        }
    }

    @Test
    void keepsOutputOfEveryStart() {
        docker.ok("create --name again --network none busybox echo line");
        docker.ok("start -a again");
        docker.ok("start -a again");
        docker.ok("logs again").prints("line\nline\n");
    }

    @Test
    void keepsLongAndUnfinishedLines() {
        docker.ok(
                "run --name long --network none busybox sh -c 'head -c 40000 /dev/zero | tr \"\\0\" x; echo; printf unfinished'");
        Outcome logs = docker.probe("logs long").ok();
        assertThat(logs.out()).isEqualTo("x".repeat(40000) + "\nunfinished");
    }

    @Test
    void keepsBytesAsTheyAre() {
        docker.ok("run --name bytes --network none busybox printf '\\303\\251\\n\\t\\033[1mq\"\\\\\\n'");
        docker.ok("logs bytes").prints("é\n\t\u001b[1mq\"\\\n");
    }

    @Test
    void refusesWhatIsNotThere() {
        docker.run("logs nosuch").exits(1).says("No such container: nosuch");
        docker.ok("create --name made --network none busybox true");
        docker.run("logs --since yesterday made").exits(1).says("yesterday");
        docker.run("logs --tail x made").saysNothing();
    }

    @Test
    void detailsAreTagLabelsAndVariables() {
        docker.ok(
                "run --name rich --network none --label app=web --label other=x -e 'MODE=a b&c' --log-opt labels=app,nosuch"
                        + " --log-opt env=MODE --log-opt 'tag={{.Name}}/{{.DaemonName}}' busybox echo line");
        docker.ok("logs rich").prints("line\n");
        docker.ok("logs --details rich").prints("MODE=a+b%26c,app=web,tag=rich%2Fdocker line\n");
        docker.ok("logs --details -t rich").printsMatch("^\\S+Z MODE=a\\+b%26c,app=web,tag=rich%2Fdocker line\n$");
    }

    @Test
    void detailsOfAPlainContainerAreEmpty() {
        numbers();
        docker.ok("logs --details --tail 2 numbers").prints(" 4\n 5\n");
    }

    @Test
    void variablesAreChosenByAnExpression() {
        docker.ok("run --name chosen --network none -e APP_A=1 -e APP_B=2 -e OTHER=3 --log-opt env-regex=^APP_"
                + " busybox echo line");
        docker.ok("logs --details chosen").prints("APP_A=1,APP_B=2 line\n");
    }

    @Test
    @LongshoreOnly("Docker Engine 20.10 looks at labels-regex only if there are labels, too")
    void labelsAreChosenByAnExpression() {
        docker.ok("run --name chosen --network none --label app.a=1 --label app.b=2 --label other=3"
                + " --log-opt labels-regex=^app[.] busybox echo line");
        docker.ok("logs --details chosen").prints("app.a=1,app.b=2 line\n");
    }

    @Test
    void theTagNamesContainerAndImage() {
        docker.ok(
                "run --name tagged --network none --log-opt 'tag={{.ID}} {{.FullID}} {{.ImageName}} {{.ImageID}} {{.Command}}'"
                        + " busybox echo line");
        String id = docker.value("tagged", "{{.Id}}");
        String image = docker.value("tagged", "{{.Image}}");
        docker.probe("logs --details tagged")
                .ok()
                .prints("tag=" + id.substring(0, 12) + "+" + id + "+busybox+"
                        + image.substring(0, 12).replace(":", "%3A") + "+echo+line line\n");
    }

    @Test
    void theFileHasOneObjectALine() throws IOException {
        docker.ok(
                "run --name written --network none --label 'app=<é>' --log-opt labels=app busybox sh -c 'echo line; echo err >&2'");
        String path = docker.value("written", "{{.LogPath}}");
        assertThat(path).endsWith("/" + docker.value("written", "{{.Id}}") + "-json.log");
        assertThat(Files.readAllLines(Path.of(path)))
                .hasSize(2)
                .anyMatch(
                        line -> line.matches(
                                "\\{\"log\":\"line\\\\n\",\"stream\":\"stdout\",\"attrs\":\\{\"app\":\"\\\\u003cé\\\\u003e\"},\"time\":\"[0-9T:.-]+Z\"}"))
                .anyMatch(line -> line.startsWith("{\"log\":\"err\\n\",\"stream\":\"stderr\",\"attrs\":{"));
    }

    private void rotated(String options) {
        docker.ok("run --name rotated --network none --log-opt max-size=10k " + options
                + " busybox sh -c 'i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done'");
    }

    private static String lines(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());
    }

    /** The last whole part of what was written, and about as much as fits. */
    private void checkRotated(int atLeast) {
        String out = docker.probe("logs rotated").ok().out();
        int first = 2000 - (int) out.lines().count();
        assertThat(first).isBetween(1, 2000 - atLeast);
        assertThat(out).isEqualTo(lines(first, 2000));
    }

    @Test
    void rotationKeepsTheLastFiles() throws IOException {
        rotated("--log-opt max-file=3");
        checkRotated(200);
        Path log = Path.of(docker.value("rotated", "{{.LogPath}}"));
        assertThat(Path.of(log + ".2")).exists();
        assertThat(Path.of(log + ".3")).doesNotExist();
        assertThat(Files.size(Path.of(log + ".1"))).isBetween(9_000L, 11_000L);
    }

    @Test
    void aSingleFileIsBegunAnew() {
        rotated("--log-opt max-file=1");
        String out = docker.probe("logs rotated").ok().out();
        assertThat(out).endsWith("line 1999\n");
        assertThat(out.lines().count()).isLessThan(150);
    }

    @Test
    void tailGoesThroughRotatedFiles() {
        rotated("--log-opt max-file=5");
        docker.ok("logs --tail 150 rotated").prints(lines(1850, 2000));
        docker.ok("logs --tail 1 rotated").prints("line 1999\n");
    }

    @Test
    void sinceAndUntilGoThroughRotatedFiles() {
        rotated("--log-opt max-file=5");
        List<String> stamped = docker.probe("logs -t --tail 300 rotated").lines();
        String from = stamped.get(10).split(" ")[0];
        String to = stamped.get(290).split(" ")[0];
        List<String> between = stamped.stream()
                .filter(line -> line.compareTo(from) >= 0 && line.split(" ")[0].compareTo(to) <= 0)
                .toList();
        assertThat(docker.probe("logs -t --tail 300 --since " + from + " --until " + to + " rotated")
                        .ok()
                        .lines())
                .isEqualTo(between);
    }

    @Test
    @LongshoreOnly("Docker Engine 20.10 may lose lines there")
    void followsWhileFilesAreRotated() {
        docker.ok(
                "run -d --name rotated --network none --log-opt max-size=10k --log-opt max-file=3 busybox"
                        + " sh -c 'i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); [ $((i%50)) -ne 0 ] || sleep 0.02; done'");
        docker.run("logs -f rotated").ok().printsPart(lines(500, 2000));
        checkRotated(200);
    }

    @Test
    void olderFilesAreCompressed() throws Exception {
        rotated("--log-opt max-file=3 --log-opt compress=true");
        checkRotated(200);
        Path directory = Path.of(docker.value("rotated", "{{.LogPath}}")).resolveSibling("");
        awaitCompressed(directory, 2);
        checkRotated(200);
        docker.ok("logs --tail 150 rotated").prints(lines(1850, 2000));
    }

    private static void awaitCompressed(Path directory, int files) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        List<Path> names;
        do {
            TimeUnit.MILLISECONDS.sleep(50);
            try (Stream<Path> found = Files.list(directory)) {
                names = found.filter(file -> file.toString().matches(".*log\\.\\d.*"))
                        .toList();
            }
        } while (!names.stream().allMatch(name -> name.toString().endsWith(".gz")) && System.nanoTime() < end);
        assertThat(names).hasSize(files).allMatch(name -> name.toString().endsWith(".gz"));
    }

    @Test
    void theLocalDriverPrintsTheSame() {
        docker.ok(
                "run --name near --network none --log-driver local busybox sh -c 'echo out; echo err >&2; printf open'");
        docker.ok("logs near").prints("out\nopen").says("err\n");
        docker.ok("logs --tail 1 near");
        docker.ok("logs -t --details near").printsMatch("^\\S+Z  out\n");
        docker.ok("inspect --format '{{.HostConfig.LogConfig.Type}} {{.LogPath}}.' near")
                .prints("local .\n");
    }

    @Test
    void theLocalDriverRotates() {
        rotated("--log-driver local --log-opt max-file=3");
        checkRotated(400);
        docker.ok("logs --tail 150 rotated").prints(lines(1850, 2000));
        docker.ok("logs -f --tail 2 rotated").prints(lines(1998, 2000));
    }

    @Test
    @LongshoreOnly("where the files lie, and details of this driver, which Docker Engine has from 29 on")
    void theLocalDriverCompressesAndHasDetails() throws Exception {
        rotated("--log-driver local --log-opt max-file=3 --log-opt tag=t");
        Path directory = Path.of(docker.value("rotated", "{{.HostsPath}}")).resolveSibling("");
        awaitCompressed(directory, 2);
        assertThat(directory.resolve("container.log")).exists();
        checkRotated(400);
        docker.ok("logs --details --tail 1 rotated").prints("tag=t line 1999\n");
    }

    @Test
    void withoutALogThereIsNothingToRead() {
        docker.ok("run --name silent --network none --log-driver none busybox echo shown")
                .prints("shown\n");
        docker.run("logs silent").exits(1).says("configured logging driver does not support reading");
        docker.ok("inspect --format '{{json .HostConfig.LogConfig}} {{.LogPath}}.' silent")
                .prints("{\"Type\":\"none\",\"Config\":{}} .\n");
    }

    @Test
    void theConfigurationIsEchoed() {
        docker.ok("create --name echoes --network none --log-opt max-size=1m --log-opt max-file=2 --log-opt tag=t"
                + " --log-opt mode=blocking busybox true");
        docker.ok("inspect --format '{{json .HostConfig.LogConfig}}' echoes")
                .prints(
                        "{\"Type\":\"json-file\",\"Config\":{\"max-file\":\"2\",\"max-size\":\"1m\",\"mode\":\"blocking\",\"tag\":\"t\"}}\n");
    }

    @Test
    void refusesDriversAndOptionsByName() {
        String create = "create --network none ";
        docker.run(create + "--log-driver nosuch busybox true")
                .exits(1)
                .says("error looking up logging plugin nosuch: plugin \"nosuch\" not found");
        docker.run(create + "--log-opt colour=red busybox true")
                .exits(1)
                .says("unknown log opt 'colour' for json-file log driver");
        docker.run(create + "--log-driver local --log-opt colour=red busybox true")
                .exits(1)
                .says("unknown log opt 'colour' for log driver local");
        docker.run(create + "--log-opt mode=fast busybox true")
                .exits(1)
                .says("logger: logging mode not supported: fast");
        docker.run(create + "--log-opt max-buffer-size=1m busybox true")
                .exits(1)
                .says("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
    }

    @Test
    void refusesLimitsThatCannotBe() {
        // Docker Engine says so when it starts the container.
        String run = "run --rm --network none ";
        docker.run(run + "--log-opt max-size=many busybox true")
                .exits(125)
                .says("failed to initialize logging driver: invalid size: 'many'");
        docker.run(run + "--log-opt max-size=0 busybox true").exits(125).says("max-size must be a positive number");
        docker.run(run + "--log-opt max-file=0 busybox true").exits(125).says("max-file");
        docker.run(run + "--log-opt compress=true --log-opt max-file=1 --log-opt max-size=1m busybox true")
                .exits(125)
                .says("compress cannot be true when max-file is less than 2 or max-size is not set");
        docker.run(run + "--log-driver local --log-opt max-file=1 busybox true")
                .exits(125)
                .says("compress");
        docker.run(run + "--log-opt 'tag={{.Nope}}' busybox true").exits(125).says("Nope");
    }

    @Test
    @LongshoreOnly("Docker Engine has these")
    void saysWhatIsNotThere() {
        docker.run("create --network none --log-driver syslog busybox true")
                .exits(1)
                .says("error looking up logging plugin syslog: plugin \"syslog\" not found");
        docker.run("create --network none --log-opt mode=non-blocking busybox true")
                .exits(1)
                .says("HostConfig.LogConfig.Config = mode=non-blocking is not available in Longshore yet");
        docker.run("create --network none --log-opt 'tag={{lower .Name}}' busybox true")
                .exits(1)
                .says("tag={{lower .Name}} is not available in Longshore yet; use Command,");
        docker.ok("info --format '{{json .Plugins.Log}} {{.LoggingDriver}}'")
                .prints("[\"json-file\",\"local\"] json-file\n");
    }

    @Test
    @LongshoreOnly("Docker Engine has no such limit")
    void whatGoesWithEveryLineIsBounded() {
        docker.run("run --network none --log-opt env=BIG -e BIG=" + "x".repeat(5000) + " busybox true")
                .exits(125)
                .says("at most 4096 can be");
    }
}
