package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docker top} and {@code docker stats}. */
class TopStatsCliRootIT extends CliCases {
    private static final String FIGURES =
            "stats --no-stream --format '{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.MemPerc}} {{.NetIO}} {{.BlockIO}} {{.PIDs}}' ";

    private void runs(String name, String script) {
        docker.ok("run -d --name " + name + " --network none busybox sh -c '" + script + "'");
    }

    @Test
    void topListsTheProcesses() {
        runs("runs", "sleep 61 & sleep 62 & exec sleep 60");
        String pid = docker.value("runs", "{{.State.Pid}}");
        Outcome top = awaitProcesses("top runs", 3);
        assertThat(top.lines().getFirst()).matches("UID +PID +PPID +C +STIME +TTY +TIME +CMD *");
        assertThat(top.lines().stream().skip(1))
                .allMatch(line -> line.matches("root +\\d+ +\\d+ .*\\d\\d:\\d\\d:\\d\\d +sleep 6[012] *"))
                .anyMatch(line -> line.matches("root +" + pid + " .* sleep 60 *"));
    }

    private Outcome awaitProcesses(String line, int count) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        Outcome top = docker.probe(line).ok();
        while ((top.lines().size() != count + 1 || !top.out().contains("sleep 60")) && System.nanoTime() < end) {
            top = docker.probe(line).ok();
        }
        assertThat(top.lines()).as("%s", top).hasSize(count + 1);
        return top;
    }

    @Test
    void topTakesArgumentsForPs() {
        runs("runs", "exec sleep 60");
        String pid = docker.value("runs", "{{.State.Pid}}");
        docker.probe("top runs -o pid,args").ok().printsMatch("^PID +COMMAND *\n" + pid + " +sleep 60 *\n$");
        docker.probe("top runs -eo pid,user,comm")
                .ok()
                .printsMatch("^PID +USER +COMMAND *\n" + pid + " +root +sleep *\n$");
        docker.probe("top runs aux").ok().printsMatch("^USER +PID +%CPU .*\nroot +" + pid + " .* sleep 60 *\n$");
        docker.probe("top runs -o pid=PID").ok().printsMatch("^PID *\n" + pid + " *\n$");
    }

    @Test
    void topWorksWhereAListOfProcessesDoesNot() {
        runs("runs", "exec sleep 60");
        String pid = docker.value("runs", "{{.State.Pid}}");
        docker.probe("top runs axf").ok().printsMatch("^PID .*\n" + pid + " .*sleep 60 *\n$");
    }

    @Test
    void topListsNoOthersProcesses() {
        runs("one", "exec sleep 61");
        runs("two", "exec sleep 62");
        docker.probe("top one").ok().printsPart("sleep 61").printsNone("sleep 62");
        docker.probe("top two axf").ok().printsPart("sleep 62").printsNone("sleep 61");
    }

    @Test
    void topSaysWhatPsSays() {
        runs("runs", "exec sleep 60");
        docker.run("top runs --nosuchoption").exits(1).says("ps: error:");
        docker.run("top runs -o nosuchformat").exits(1).says("ps: error:", "nosuchformat");
        docker.run("top runs -o comm").exits(1).says("Couldn't find PID field in ps output");
    }

    @Test
    void topTitlesNoOtherColumnPid() {
        runs("runs", "exec sleep 60");
        docker.run("top runs -o user=PID").exits(1).says("specifying \"user=PID\" is not allowed");
        docker.run("top runs -e -o pid,ppid=PID").exits(1).says("is not allowed");
    }

    @Test
    @LongshoreOnly("Docker Engine 20.10 lets these through to ps")
    void topPassesNothingThatForgesItsTable() {
        runs("runs", "exec sleep 60");
        docker.run("top runs -ouser=PID").exits(1).says("is not allowed");
        docker.run("top runs '-o\tpid'").exits(1).says("control character");
    }

    @Test
    void topOfWhatDoesNotRun() {
        docker.ok("create --name made --network none busybox true");
        docker.run("top made").exits(1).says("is not running");
        docker.ok("run --name ended --network none busybox true");
        docker.run("top ended").exits(1).says("is not running");
        docker.run("top nosuch").exits(1).says("No such container: nosuch");
        docker.run("top").exits(1);
    }

    @Test
    void topIsTold() {
        runs("told", "exec sleep 60");
        docker.probe("top told").ok();
        docker.run("top told -o comm").exits(1);
        events("told", "--filter event=top --format '{{.Action}} {{.Actor.Attributes.image}}'")
                .prints("top busybox\n");
    }

    @Test
    void statsOfOne() {
        runs("runs", "exec sleep 60");
        docker.ok("stats --no-stream --format '{{.Name}} {{.Container}} {{.PIDs}} {{.NetIO}}' runs")
                .prints("runs runs 1 0B / 0B\n");
        docker.probe(FIGURES + "runs")
                .ok()
                .printsMatch("^runs \\d\\.\\d\\d% [\\d.]+[KM]iB / [\\d.]+GiB \\d\\.\\d\\d% 0B / 0B \\S+ / \\S+ 1\n$");
    }

    @Test
    void statsAsATable() {
        runs("runs", "exec sleep 60");
        String id = docker.value("runs", "{{.Id}}").substring(0, 12);
        List<String> table = docker.probe("stats --no-stream runs").ok().lines();
        assertThat(table).hasSize(2);
        assertThat(table.getFirst())
                .matches("CONTAINER ID +NAME +CPU % +MEM USAGE / LIMIT +MEM % +NET I/O +BLOCK I/O +PIDS *");
        assertThat(table.getLast()).matches(id + " +runs +.*% .* 1 *");
    }

    @Test
    void statsOfWhatDoesNotRunAreEmpty() {
        docker.ok("create --name made --network none busybox true");
        docker.ok(FIGURES + "made").prints("made 0.00% 0B / 0B 0.00% 0B / 0B 0B / 0B 0\n");
        docker.ok("run --name ended --network none busybox true");
        docker.ok(FIGURES + "ended").prints("ended 0.00% 0B / 0B 0.00% 0B / 0B 0B / 0B 0\n");
    }

    @Test
    void statsOfAllThatRun() {
        docker.ok("stats --no-stream --format '{{.Name}}'").prints("");
        runs("one", "exec sleep 60");
        docker.ok("create --name made --network none busybox true");
        docker.ok("stats --no-stream --format '{{.Name}}'").prints("one\n");
        assertThat(docker.probe("stats --no-stream -a --format '{{.Name}} {{.PIDs}}'")
                        .ok()
                        .lines())
                .containsExactlyInAnyOrder("one 1", "made 0");
    }

    @Test
    void statsShowTheLimit() {
        docker.ok("run -d --name small --network none --memory 32m busybox sleep 60");
        docker.probe("stats --no-stream --format '{{.MemUsage}}' small").ok().printsMatch("^[\\d.]+KiB / 32MiB\n$");
    }

    @Test
    void statsCountProcesses() {
        runs("three", "sleep 61 & sleep 62 & exec sleep 60");
        awaitProcesses("top three", 3);
        docker.ok("stats --no-stream --format '{{.PIDs}}' three").prints("3\n");
    }

    @Test
    void statsShowWhoIsBusy() {
        runs("busy", "while :; do :; done");
        runs("idle", "exec sleep 60");
        String busy = docker.probe("stats --no-stream --format '{{.CPUPerc}}' busy")
                .ok()
                .text();
        String idle = docker.probe("stats --no-stream --format '{{.CPUPerc}}' idle")
                .ok()
                .text();
        assertThat(Double.parseDouble(busy.replace("%", ""))).isBetween(5.0, 110.0);
        assertThat(Double.parseDouble(idle.replace("%", ""))).isLessThan(5);
    }

    @Test
    void statsShowWhoTakesMemory() {
        docker.ok(
                "run -d --name large --network none --tmpfs /data:size=32m busybox sh -c 'head -c 20m /dev/zero > /data/f; touch /done; exec sleep 60'");
        awaitProcesses("top large", 1);
        docker.probe("stats --no-stream --format '{{.MemUsage}}' large").ok().printsMatch("^2\\d(\\.\\d+)?MiB / ");
    }

    @Test
    void statsOnTheNodesNetworkHaveNone() {
        docker.ok("run -d --name near --network host busybox sleep 60");
        docker.ok("stats --no-stream --format '{{.NetIO}}' near").prints("0B / 0B\n");
    }

    @Test
    void statsGoOnAcrossStopAndStart() {
        runs("runs", "exec sleep 60");
        try (Started stats = docker.start("stats --format 'now {{.Name}} has {{.PIDs}} of {{.MemUsage}};' runs")) {
            stats.awaitOutput("now runs has 1 of ");
            docker.ok("stop -t 0 runs");
            stats.awaitOutput("now runs has 0 of 0B / 0B;");
            String before = stats.soFar();
            docker.ok("start runs");
            long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (!stats.soFar().substring(before.length()).contains("has 1 of") && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            assertThat(stats.soFar().substring(before.length())).contains("now runs has 1 of ");
            stats.terminate();
        }
    }

    @Test
    void statsOfAllFollowWhatComesAndGoes() {
        runs("one", "exec sleep 60");
        try (Started stats = docker.start("stats --format 'now {{.Name}} has {{.PIDs}};'")) {
            stats.awaitOutput("now one has 1;");
            runs("two", "exec sleep 60");
            stats.awaitOutput("now two has 1;");
            docker.ok("rm -f one");
            stats.awaitOutput("now two has 1;");
            stats.terminate();
        }
    }

    @Test
    void statsAreJson() {
        runs("runs", "exec sleep 60");
        docker.probe("stats --no-stream --format '{{json .}}' runs")
                .ok()
                .printsPart("\"Name\":\"runs\"", "\"PIDs\":\"1\"");
    }

    @Test
    void statsOfTheUnknown() {
        docker.run("stats --no-stream nosuch").exits(1).says("No such container: nosuch");
    }
}
