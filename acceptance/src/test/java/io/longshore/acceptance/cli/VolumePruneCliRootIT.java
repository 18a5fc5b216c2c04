package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code docker volume prune}. Docker Engine 20.10 knows no anonymous ones: there, and for clients of then, all that are unused go. */
class VolumePruneCliRootIT extends VolumeCases {
    private static final Map<String, String> OLD = Map.of("DOCKER_API_VERSION", "1.41");

    @Test
    void ofAnOldClientTakesAllThatAreUnused() {
        docker.ok("volume create named");
        docker.ok("volume create");
        docker.ok("create --name uses --network none -v used:/data busybox true");
        docker.probe("volume prune -f", OLD)
                .ok()
                .printsPart("Deleted Volumes:\n", "named\n", "Total reclaimed space: 0B")
                .printsMatch("\n[0-9a-f]{64}\n");
        docker.ok("volume ls -q").prints("used\n");
        docker.probe("volume prune -f", OLD).ok().prints("Total reclaimed space: 0B\n");
    }

    @Test
    @LongshoreOnly("Docker Engine 20.10 knows no anonymous volumes")
    void sparesNamedOnes() {
        docker.probe("volume create named").ok();
        docker.probe("volume create").ok();
        docker.probe("create --name makes --network none -v /data busybox true").ok();
        String left = docker.value("makes", "{{.Mounts.0.Name}}");
        docker.probe("rm makes").ok();
        Outcome outcome = docker.probe("volume prune -f", Map.of("DOCKER_API_VERSION", api()))
                .ok();
        if (api().equals("1.41")) {
            outcome.printsPart("named\n", left + "\n");
        } else {
            outcome.printsPart(left + "\n").printsNone("named");
            docker.ok("volume ls -q").prints("named\n");
            docker.probe("volume prune -f --all").ok().printsPart("named\n");
        }
        docker.ok("volume ls -q").prints("");
    }

    /** What this command speaks at most. */
    private String api() {
        return docker.probe("version --format {{.Client.APIVersion}}").text();
    }

    @Test
    void byLabel() {
        docker.ok("volume create --label tier=back data");
        docker.ok("volume create --label keep kept");
        docker.probe("volume prune -f --filter label=tier=front", OLD).ok().prints("Total reclaimed space: 0B\n");
        docker.probe("volume prune -f --filter label!=keep", OLD).ok().printsPart("data\n");
        docker.ok("volume ls -q").prints("kept\n");
    }

    @Test
    void refusesFiltersThatItDoesNotKnow() {
        docker.run("volume prune -f --filter colour=blue").exits(1).saysMatch("[Ii]nvalid filter '?colour");
    }

    @Test
    void tellsHowMuchItGained() {
        String since = now();
        shell("-v data:/data", "head -c 5000 /dev/zero > /data/file").ok();
        docker.probe("volume prune -f", OLD).ok().printsPart("Total reclaimed space: 5kB");
        assertThat(volumeEvents(since)).contains("unmount data\n", "prune");
    }

    /** As in Docker Engine: what lies elsewhere is nobody's to prune. */
    @Test
    void leavesVolumesWithOptions() {
        docker.ok("volume create --opt type=tmpfs --opt device=tmpfs data");
        docker.probe("volume prune -f", OLD).ok().prints("Total reclaimed space: 0B\n");
        docker.ok("volume ls -q").prints("data\n");
        docker.ok("system df --format '{{.Type}}: {{.TotalCount}}'").printsPart("Local Volumes: 0\n");
    }

    @Test
    void takesWhatContainersLeftBehind() {
        docker.ok("volume create");
        docker.ok("create --name gone --network none -v /data busybox true");
        docker.probe("container prune -f").ok();
        docker.probe("volume prune -f", OLD).ok();
        docker.ok("volume ls -q").prints("");
    }
}
