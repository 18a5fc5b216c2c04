package io.longshore.acceptance.cli;

import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** {@code docker ps}. */
@Order(5)
class PsCliRootIT extends CliCases {
    private static final String NAMES = " --format '{{.Names}}'";

    private void three() {
        docker.probe("create --name made --network none --label tier=db busybox true")
                .ok();
        docker.probe("run --name ended --network none --label tier=web --label x busybox sh -c 'exit 3'")
                .exits(3);
        docker.probe("run -d --name runs --network none --label tier=web busybox sleep 60")
                .ok();
    }

    @Test
    void listsWhatRuns() {
        three();
        docker.ok("ps" + NAMES).prints("runs\n");
        docker.ok("ps")
                .printsMatch(
                        "^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n[0-9a-f]{12} +busybox +\"sleep 60\" +.* Up .* runs\n$");
    }

    @Test
    void listsAllNewestFirst() {
        three();
        docker.ok("ps -a" + NAMES).prints("runs\nended\nmade\n");
        docker.ok("ps -a --format '{{.Names}} {{.State}} {{.Image}} {{.Command}} {{.Label \"tier\"}}'")
                .prints(
                        "runs running busybox \"sleep 60\" web\nended exited busybox \"sh -c 'exit 3'\" web\nmade created busybox \"true\" db\n");
        docker.ok("ps -a --filter name=ended --format '{{.Status}}'").printsMatch("^Exited \\(3\\) .* ago\n$");
        docker.ok("ps -a --filter name=made --format '{{.Status}}'").prints("Created\n");
    }

    @Test
    void limitsTheList() {
        three();
        docker.ok("ps -l" + NAMES).prints("runs\n");
        docker.ok("ps -n 2" + NAMES).prints("runs\nended\n");
    }

    @Test
    void printsIdsOnly() {
        three();
        docker.ok("ps -q").prints(docker.value("runs", "{{.Id}}").substring(0, 12) + "\n");
        docker.ok("ps -q --no-trunc").prints(docker.value("runs", "{{.Id}}") + "\n");
    }

    @Test
    void filtersByStatus() {
        three();
        docker.ok("ps -a --filter status=exited" + NAMES).prints("ended\n");
        docker.ok("ps --filter status=created" + NAMES).prints("made\n");
        docker.ok("ps --filter status=created --filter status=running" + NAMES).prints("runs\nmade\n");
        docker.run("ps --filter status=asleep").exits(1).says("asleep");
    }

    @Test
    void filtersByExitCode() {
        three();
        docker.ok("ps -a --filter exited=3" + NAMES).prints("ended\n");
        docker.ok("ps -a --filter exited=4" + NAMES).prints("");
        docker.run("ps -a --filter exited=x").exits(1).says("x");
    }

    @Test
    void filtersByName() {
        three();
        docker.ok("ps -a --filter name=e" + NAMES).prints("ended\nmade\n");
        docker.ok("ps -a --filter name=^made$" + NAMES).prints("made\n");
        docker.ok("ps -a --filter name=^/made$" + NAMES).prints("made\n");
        docker.ok("ps -a --filter name=made --filter name=runs" + NAMES).prints("runs\nmade\n");
    }

    @Test
    void filtersByLabel() {
        three();
        docker.ok("ps -a --filter label=tier" + NAMES).prints("runs\nended\nmade\n");
        docker.ok("ps -a --filter label=tier=web" + NAMES).prints("runs\nended\n");
        docker.ok("ps -a --filter label=tier=web --filter label=x" + NAMES).prints("ended\n");
        docker.ok("ps -a --filter label=nosuch" + NAMES).prints("");
    }

    @Test
    void filtersById() {
        three();
        String id = docker.value("made", "{{.Id}}");
        docker.ok("ps -a --filter id=" + id + NAMES).prints("made\n");
        docker.ok("ps -a --filter id=" + id.substring(0, 8) + NAMES).prints("made\n");
    }

    @Test
    void filtersByImage() {
        three();
        docker.ok("ps -a --filter ancestor=busybox" + NAMES).prints("runs\nended\nmade\n");
        docker.ok("ps -a --filter ancestor=busybox:latest" + NAMES).prints("runs\nended\nmade\n");
        docker.ok("ps -a --filter ancestor=nosuch" + NAMES).prints("");
    }

    /** Without -a: a filter by status widens the list to what does not run, most do not. */
    @Test
    void filtersOfWhatRuns() {
        three();
        for (String filter : List.of(
                "name=e",
                "name=made",
                "label=tier",
                "label=x",
                "exited=3",
                "ancestor=busybox",
                "network=none",
                "health=none",
                "before=runs",
                "since=made",
                "status=exited",
                "id=" + docker.value("made", "{{.Id}}"))) {
            docker.ok("ps --filter " + filter + NAMES);
        }
        docker.ok("ps --filter label=tier" + NAMES).prints("runs\n");
        docker.ok("ps --filter name=made" + NAMES).prints("");
        docker.ok("ps -l --filter label=tier=db" + NAMES);
        docker.ok("ps -n 1 --filter name=e" + NAMES);
    }

    @Test
    void filtersByOrder() {
        three();
        docker.ok("ps -a --filter before=ended" + NAMES).prints("made\n");
        docker.ok("ps -a --filter since=ended" + NAMES).prints("runs\n");
        docker.run("ps -a --filter since=nosuch" + NAMES).exits(1).says("nosuch");
    }

    @Test
    void filtersByNetworkVolumeAndHealth() {
        three();
        docker.ok("ps -a --filter network=none" + NAMES).prints("runs\nended\nmade\n");
        docker.ok("ps -a --filter network=nosuch" + NAMES).prints("");
        docker.ok("ps -a --filter volume=/nosuch" + NAMES).prints("");
        docker.ok("ps -a --filter health=none" + NAMES).prints("runs\nended\nmade\n");
        docker.ok("ps -a --filter health=healthy" + NAMES).prints("");
        docker.ok("ps -a --filter is-task=true" + NAMES).prints("");
    }

    @Test
    void filtersByPort() {
        docker.probe("create --name web --network none --expose 8080 busybox true")
                .ok();
        docker.probe("create --name other --network none busybox true").ok();
        docker.ok("ps -a --filter publish=8080" + NAMES).prints("");
        docker.run("ps -a --filter expose=notaport").exits(1).says("notaport");
    }

    @Test
    void refusesAnUnknownFilter() {
        docker.run("ps --filter colour=blue").exits(1).saysMatch("[Ii]nvalid filter '?colour");
    }

    @Test
    void showsTheSize() {
        docker.probe("run --name written --network none busybox sh -c 'head -c 1000 /dev/zero >/file'")
                .ok();
        docker.ok("ps -a -s --format '{{.Size}}'").printsMatch("^1kB \\(virtual \\d\\.\\d+MB\\)\n$");
    }
}
