package io.longshore.acceptance.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Fleet;
import io.longshore.testbed.process.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The database is put back to an earlier moment under services that run: what they know of leases, containers and claims is ahead of what it
 * knows. What it knows is compared with the nodes; what it does not know is left alone with all that it has.
 */
final class Rewind {
    private static final String FIRST = Fleet.NODES.get(0);
    private static final String SECOND = Fleet.NODES.get(1);
    private static final String THIRD = Fleet.NODES.get(2);

    private final Lane lane;
    /** Until what nobody claims would be cleared away. */
    private final Duration swept;

    Rewind(Lane lane, Duration swept) {
        this.lane = lane;
        this.swept = swept;
    }

    void happens() throws IOException {
        lane.ok(0, "network create -d overlay --attachable known");
        Residents residents = new Residents(lane, "known");
        String removed = runs("removed", SECOND);
        String stopped = runs("stopped", THIRD);
        String begun = lane.ok(0, "create --name begun --network none " + Lane.on(FIRST) + " busybox sleep 3600")
                .strip();
        lane.fleet().backUp();
        lane.ok(1, "rm -f removed");
        lane.ok(2, "stop -t 0 stopped");
        lane.ok(0, "start begun");
        String forgotten = forgotten();
        String process = lane.inspect(0, "{{.State.Pid}}", "forgotten");
        String gateway = lane.inspect(0, "{{.NetworkSettings.Networks.unknown.Gateway}}", "forgotten");
        lane.fleet().restore();
        long began = System.nanoTime();
        Lane.await(
                "it answers as it would have then",
                () -> names().contains("removed") && !names().contains("forgotten"));
        Lane.await("what it does not know is listed", () -> isInQuarantine(forgotten));
        Lane.await(
                "what is gone has ended",
                () -> lane.docker(2, "inspect --format '{{.State.Status}} {{.State.ExitCode}}' removed")
                        .out()
                        .equals("exited 137\n"));
        assertThat(lane.inspect(0, "{{.State.Error}}", "removed")).contains("no longer knows this container");
        Lane.await(
                "what has stopped is stopped",
                () -> lane.docker(1, "inspect --format {{.State.Status}} stopped")
                        .out()
                        .equals("exited\n"));
        Lane.await(
                "what has begun runs",
                () -> lane.docker(1, "inspect --format {{.State.Status}} begun")
                        .out()
                        .equals("running\n"));
        Lane.say("a database that was restored is compared with the nodes after "
                + Lane.since(began).toMillis() + " ms");
        residents.areAsBefore();
        for (String node : Fleet.NODES) {
            lane.ok(0, "run --rm --network known " + Lane.on(node) + " busybox true");
        }
        Lane.pause(swept.minus(Lane.since(began)));
        assertThat(quarantine())
                .contains(forgotten)
                .doesNotContain(removed)
                .doesNotContain(stopped)
                .doesNotContain(begun);
        assertThat(lane.fleet().running()).containsKeys(forgotten, begun).doesNotContainKeys(removed, stopped);
        Path root = Path.of("/proc", process, "root");
        assertThat(Files.readString(root.resolve("late"))).isEqualTo("late\n");
        assertThat(Files.readString(root.resolve("data/file"))).isEqualTo("kept\n");
        Program.run("nsenter", "-t", process, "-n", "busybox", "ping", "-c", "1", "-w", "5", gateway)
                .ok();
        lane.fleet().end(forgotten);
    }

    /** Of an image, with a volume and on a network that the database does not know either. */
    private String forgotten() {
        lane.ok(0, "run --name maker --network none " + Lane.on(THIRD) + " busybox sh -c 'echo late > /late'");
        lane.ok(1, "commit maker late");
        lane.ok(2, "rm maker");
        lane.ok(0, "network create -d overlay --attachable unknown");
        return lane.ok(
                        1,
                        "run -d --name forgotten --network unknown -v unknown:/data " + Lane.on(THIRD)
                                + " late sh -c 'echo kept > /data/file; exec sleep 3600'")
                .strip();
    }

    private String runs(String name, String node) {
        return lane.ok(0, "run -d --name " + name + " --network none " + Lane.on(node) + " busybox sleep 3600")
                .strip();
    }

    private List<String> names() {
        return lane.docker(0, "ps -a --format {{.Names}}").out().lines().toList();
    }

    /** As far as anybody answers that. */
    private boolean isInQuarantine(String container) {
        try {
            return quarantine().contains(container);
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    private String quarantine() {
        return lane.fleet()
                .ask(1, "container", "/internal/containers/quarantine")
                .text();
    }
}
