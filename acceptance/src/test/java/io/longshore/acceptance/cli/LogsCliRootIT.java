package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
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
}
