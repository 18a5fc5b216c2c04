package io.longshore.acceptance.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Fleet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * A node is away. What happens there meanwhile is known soon after its return; what it was to do was not answered, and is not done. It is to be
 * drained then, and nothing of it runs elsewhere before it is seen to have ended.
 */
final class Partition {
    /** After the node has come back. */
    private static final Duration HEALED = Duration.ofSeconds(10);

    private final Lane lane;
    private final Residents residents;
    private final String lost;
    private final String other;
    private final Duration time;

    Partition(Lane lane, Residents residents, String lost, Duration time) {
        this.lane = lane;
        this.residents = residents;
        this.lost = lost;
        this.other = Fleet.NODES.get((Fleet.NODES.indexOf(lost) + 1) % Fleet.NODES.size());
        this.time = time;
    }

    void happens() {
        Fleet fleet = lane.fleet();
        String alone = "run -d --network none " + Lane.on(lost);
        Berths berths = new Berths(lane);
        berths.add(lost);
        lane.ok(0, alone + " --name ends busybox sh -c 'sleep 6; exit 9'");
        lane.ok(1, alone + " --name wanted busybox sleep 3600");
        lane.ok(
                2,
                "run -d --name moves --network none --stop-timeout 1 " + Berths.ANY + Berths.ANEW
                        + "busybox sleep 3600");
        berths.add(other);
        fleet.cut(lost);
        long cut = System.nanoTime();
        Lane.await("it is seen", () -> lane.nodes(2, "{{.Status}}").contains(lost + "=Down"));
        assertThat(lane.docker(0, "rm -f wanted").code())
                .as("removal of what cannot be reached")
                .isNotZero();
        assertThat(lane.docker(1, "create " + Lane.on(lost) + " busybox true").errors())
                .contains("not ready: 1 of 3 (" + lost + ")");
        lane.ok(0, "node update --availability drain " + lost);
        Lane.pause(time.minus(Lane.since(cut)));
        fleet.mend(lost);
        healed(System.nanoTime());
        Lane.await("it moves when that can be seen to end", () -> lane.isOn(1, other, "moves"));
        lane.ok(0, "node update --availability active " + lost);
        berths.remove();
        lane.ok(0, "rm -f ends moves");
        lane.takesContainers(lost);
    }

    /** Looks for all of it at the same time. */
    private void healed(long since) {
        Map<String, BooleanSupplier> wanted = new LinkedHashMap<>();
        wanted.put("nothing runs twice", () -> twice().isEmpty());
        wanted.put("the node is ready", () -> lane.nodes(2, "{{.Status}}").contains(lost + "=Ready"));
        wanted.put(
                "an end is known",
                () -> lane.docker(1, "inspect --format {{.State.ExitCode}} ends")
                        .out()
                        .equals("9\n"));
        wanted.put("its containers are reached", residents::areReached);
        wanted.put(
                "it does as it is told",
                () -> lane.docker(0, "rm -f wanted").code() == 0
                        && lane.docker(1, "inspect wanted").code() != 0);
        try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Void>> looking = new ArrayList<>();
            wanted.forEach((what, condition) -> looking.add(CompletableFuture.runAsync(
                    () -> {
                        Lane.within(HEALED, since, what, condition);
                        Lane.say(what + " " + Lane.since(since).toMillis() + " ms after " + time.toSeconds()
                                + " s away");
                    },
                    all)));
            looking.forEach(CompletableFuture::join);
        }
    }

    private Map<String, List<String>> twice() {
        Map<String, List<String>> running = lane.fleet().running();
        running.values().removeIf(nodes -> nodes.size() == 1);
        return running;
    }
}
