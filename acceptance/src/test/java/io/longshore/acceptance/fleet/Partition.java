package io.longshore.acceptance.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Fleet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A node is away. What happens there meanwhile is known soon after its return; what it was to do was not answered, and is not done. It is to be
 * drained then, and nothing of it runs elsewhere before it is seen to have ended.
 */
final class Partition {
    /** After the node has come back, until nothing runs twice. */
    private static final Duration ONCE = Duration.ofSeconds(10);

    private static final String UNTIL_TOLD = " busybox sh -c 'while [ ! -e /tmp/end ]; do usleep 100000; done; exit 9'";

    private final Lane lane;
    private final Residents residents;
    private final String lost;
    private final String other;
    private final Duration time;
    private final Duration known;

    /**
     * @param time for which the node is away
     * @param known after its return, until all is as it should be
     */
    Partition(Lane lane, Residents residents, String lost, Duration time, Duration known) {
        this.lane = lane;
        this.residents = residents;
        this.lost = lost;
        this.other = Fleet.NODES.get((Fleet.NODES.indexOf(lost) + 1) % Fleet.NODES.size());
        this.time = time;
        this.known = known;
    }

    void happens() throws IOException {
        String alone = "run -d --network none " + Lane.on(lost);
        Berths berths = new Berths(lane);
        berths.add(lost);
        lane.ok(0, alone + " --name ends" + UNTIL_TOLD);
        String wanted = lane.ok(1, alone + " --name wanted busybox sleep 3600").strip();
        String moves = lane.ok(
                        2,
                        "run -d --name moves --network none --stop-timeout 1 " + Berths.ANY + Berths.ANEW
                                + "busybox sleep 3600")
                .strip();
        berths.add(other);
        Path ends = Path.of("/proc", lane.inspect(0, "{{.State.Pid}}", "ends"));
        lane.fleet().cut(lost);
        try {
            long cut = System.nanoTime();
            // Fails if it has ended before.
            Files.createFile(ends.resolve("root/tmp/end"));
            isRefused();
            lane.ok(0, "node update --availability drain " + lost);
            Lane.pause(time.minus(Lane.since(cut)));
            assertThat(ends).as("the process that was to end meanwhile").doesNotExist();
            assertThat(lane.fleet().running())
                    .as("what runs until the node is back")
                    .containsEntry(wanted, List.of(lost))
                    .containsEntry(moves, List.of(lost));
        } finally {
            lane.fleet().mend(lost);
        }
        healed(System.nanoTime());
        Lane.await("it moves when that can be seen to end", () -> lane.isOn(1, other, "moves"));
        lane.ok(0, "node update --availability active " + lost);
        berths.remove();
        lane.ok(0, "rm -f ends moves");
        lane.takesContainers(lost);
    }

    /** What the node would have to do. */
    private void isRefused() {
        Lane.await("it is seen", () -> lane.nodes(2, "{{.Status}}").contains(lost + "=Down"));
        assertThat(lane.docker(0, "rm -f wanted").code())
                .as("removal of what cannot be reached")
                .isNotZero();
        Lane.await(
                "nothing goes there",
                () -> lane.docker(1, "create " + Lane.on(lost) + " busybox true")
                        .errors()
                        .contains("not ready: 1 of 3 (" + lost + ")"));
    }

    /** Looks for all of it at the same time. */
    private void healed(long since) {
        Stream<Runnable> looks = Stream.of(
                () -> look(ONCE, since, "nothing runs twice", () -> twice().isEmpty()),
                () -> look(
                        known,
                        since,
                        "the node is ready",
                        () -> lane.nodes(2, "{{.Status}}").contains(lost + "=Ready")),
                () -> look(
                        known,
                        since,
                        "an end is known",
                        () -> lane.docker(1, "inspect --format {{.State.ExitCode}} ends")
                                .out()
                                .equals("9\n")),
                () -> look(known, since, "its containers are reached", residents::areReached),
                () -> {
                    look(
                            known,
                            since,
                            "what was refused is not done",
                            () -> lane.docker(1, "exec wanted true").code() == 0);
                    look(known, since, "it does as it is told", this::isRemoved);
                });
        try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
            looks.map(look -> CompletableFuture.runAsync(look, all)).toList().forEach(CompletableFuture::join);
        }
    }

    private void look(Duration atMost, long since, String what, BooleanSupplier condition) {
        Lane.within(atMost, since, what, condition);
        Lane.say(what + " " + Lane.since(since).toMillis() + " ms after " + time.toSeconds() + " s away");
    }

    private boolean isRemoved() {
        return lane.docker(0, "rm -f wanted").code() == 0
                && lane.docker(1, "container inspect wanted").errors().contains("No such container: wanted");
    }

    /** By their supervisors, whatever the services know. */
    private Map<String, List<String>> twice() {
        Map<String, List<String>> running = lane.fleet().running();
        running.values().removeIf(nodes -> nodes.size() == 1);
        return running;
    }
}
