package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docker events}. */
class EventsCliRootIT extends CliCases {
    private static final String ACTIONS = " --filter type=container --format '{{.Action}}'";

    /** A moment of the engine's clock, later than every event so far. */
    private String now() {
        java.time.Instant now = java.time.Instant.now();
        return now.getEpochSecond() + "." + String.format("%09d", now.getNano());
    }

    @Test
    void ordersALifeFromCreateToDestroy() {
        String since = now();
        docker.ok("run --rm --name lives --network none busybox true");
        docker.probe("events --since " + since + " --until " + now() + ACTIONS)
                .ok()
                .prints("create\nattach\nstart\ndie\ndestroy\n");
    }

    @Test
    void tellsExitCodeAndLabels() {
        String since = now();
        docker.run("run --name lives --network none --label k=v busybox sh -c 'exit 3'")
                .exits(3);
        docker.probe(
                        "events --since " + since + " --until " + now()
                                + " --filter event=die --format '{{.Actor.Attributes.exitCode}} {{.Actor.Attributes.name}} {{.Actor.Attributes.image}} {{.Actor.Attributes.k}}'")
                .ok()
                .prints("3 lives busybox v\n");
    }

    @Test
    void streamsWhatHappens() {
        try (Started events =
                docker.start("events --filter container=lives --filter container=marker --filter type=container"
                        + " --format '{{.Actor.Attributes.name}} {{.Action}}'")) {
            awaitSubscription(events);
            docker.ok("create --name lives --network none busybox sleep 60");
            docker.ok("start lives");
            docker.ok("kill lives");
            docker.awaitExit("lives");
            docker.ok("rm lives");
            events.awaitOutput("lives destroy\n");
            assertThat(events.soFar()
                            .lines()
                            .filter(line -> line.startsWith("lives "))
                            .toList())
                    .containsExactly("lives create", "lives start", "lives kill", "lives die", "lives destroy");
        }
    }

    /** A subscription shows in nothing but events, so markers are made until one comes. */
    private void awaitSubscription(Started events) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!events.soFar().contains("marker create") && System.nanoTime() < end) {
            docker.probe("create --name marker --network none busybox true").ok();
            docker.probe("rm marker").ok();
        }
        events.awaitOutput("marker create\n");
    }

    @Test
    void filters() {
        String since = now();
        docker.ok("create --name one --network none --label tier=web busybox true");
        docker.ok("create --name two --network none busybox true");
        docker.ok("rename two three");
        String until = " --since " + since + " --until " + now();
        docker.probe("events" + until
                        + " --filter event=create --filter type=container --format '{{.Actor.Attributes.name}}'")
                .ok()
                .prints("one\ntwo\n");
        docker.probe("events" + until + " --filter label=tier=web" + ACTIONS)
                .ok()
                .prints("create\n");
        docker.probe("events" + until + " --filter container=three" + ACTIONS)
                .ok()
                .printsPart("rename\n");
        docker.probe("events" + until + " --filter image=busybox --filter event=rename" + ACTIONS)
                .ok()
                .prints("rename\n");
        docker.probe("events" + until + " --filter type=volume").ok().prints("");
    }

    @Test
    void resumesWhereAReaderStopped() {
        String since = now();
        docker.ok("create --name one --network none busybox true");
        docker.ok("create --name two --network none busybox true");
        docker.ok("create --name three --network none busybox true");
        String format =
                " --filter event=create --filter type=container --format '{{.TimeNano}} {{.Actor.Attributes.name}}'";
        List<String> all = docker.probe("events --since " + since + " --until " + now() + format)
                .ok()
                .lines();
        assertThat(all).hasSize(3);
        long second = Long.parseLong(all.get(1).split(" ")[0]);
        String resume = second / 1_000_000_000 + "." + String.format("%09d", second % 1_000_000_000 + 1);
        docker.probe("events --since " + resume + " --until " + now() + format)
                .ok()
                .prints(all.get(2) + "\n");
    }

    @Test
    void tellsOfTheNetworkAndTheVolume() {
        String since = now();
        docker.ok("run --rm --name lives --network none -v /data busybox true");
        String until = " --since " + since + " --until " + now();
        docker.probe(
                        "events" + until
                                + " --filter type=network --format '{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.type}}'")
                .ok()
                .prints("connect none null\ndisconnect none null\n");
        docker.probe("events" + until + " --filter type=volume --format '{{.Action}} {{.Actor.Attributes.driver}}'")
                .ok()
                .prints("create local\nmount local\nunmount local\ndestroy local\n");
        docker.probe(
                        "events" + until
                                + " --filter event=mount --format '{{.Actor.Attributes.destination}} {{index .Actor.Attributes \"read/write\"}}'")
                .ok()
                .prints("/data true\n");
        docker.probe(
                        "events" + until
                                + " --filter event=start --filter event=connect --filter event=die --filter event=disconnect --format '{{.Action}}'")
                .ok()
                .prints("connect\nstart\ndie\ndisconnect\n");
    }

    @Test
    void stopTellsKillAndStop() {
        docker.ok("run -d --name runs --network none busybox sleep 60");
        String since = now();
        docker.ok("stop -t 0 runs");
        docker.probe("events --since " + since + " --until " + now() + ACTIONS)
                .ok()
                .printsMatch("^kill\n(kill\n)?die\nstop\n$");
    }

    @Test
    void restartTellsItsParts() {
        docker.ok(
                "run -d --name runs --network none busybox sh -c 'trap \"exit 0\" TERM; while :; do sleep 0.05; done'");
        String since = now();
        docker.ok("restart runs");
        docker.probe("events --since " + since + " --until " + now() + ACTIONS)
                .ok()
                .prints("kill\ndie\nstop\nstart\nrestart\n");
    }

    @Test
    void endsAtUntil() {
        try (Started events = docker.start("events --until " + (System.currentTimeMillis() / 1000 + 1))) {
            events.await(Duration.ofSeconds(10)).ok();
        }
    }

    @Test
    void refusesBadTimesAndFilters() {
        docker.run("events --since yesterday --until 1").exits(1).says("yesterday");
        docker.run("events --since 10 --until 1").exits(1).saysMatch("since.*until");
    }
}
