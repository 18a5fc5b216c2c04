package io.longshore.acceptance.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Fleet;
import io.longshore.testbed.process.Program;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * A node is drained, and a replica of container-service killed meanwhile: what can move moves, and is found and reached as before; what would
 * lose something stays, and says so.
 */
final class Drain {
    private static final String WRITTEN = "stays: what it has written would be lost: --read-only, or label"
            + " io.longshore.placement.move=true, says that there is nothing to lose";
    private static final int FIXED = 8081;

    private final Lane lane;
    private final Berths berths;
    private final String from;
    private final String to;
    private final List<String> before;
    private final String stays;

    /**
     * Makes containers on the node: what was never started is left there for a while.
     *
     * @param network on which the {@link Residents} are
     */
    Drain(Lane lane, String network, String from) {
        this.lane = lane;
        this.berths = new Berths(lane);
        this.from = from;
        this.to = Fleet.NODES.get((Fleet.NODES.indexOf(from) + 1) % Fleet.NODES.size());
        berths.add(from);
        String run = "run -d --network none --stop-timeout 1 " + Berths.ANY;
        lane.ok(
                0,
                "run -d --name mover --stop-timeout 1 --network " + network + " -p " + FIXED + ":" + Lane.PORT + " "
                        + Berths.ANY + Berths.ANEW + Lane.SERVE);
        lane.ok(1, run + "--name reader --read-only busybox sleep 3600");
        lane.ok(2, run + "--name writer busybox sleep 3600");
        lane.ok(2, "create --name never --network none " + Berths.ANY + "busybox sleep 3600");
        this.before = shapes();
        this.stays = process();
    }

    void happens(Random random) {
        berths.add(to);
        Lane.await("it is reached", this::isReached);
        assertThat(lane.isOn(2, from, "mover")).isTrue();
        lane.ok(1, "node update --availability drain " + from);
        long began = System.nanoTime();
        int killed = random.nextInt(Fleet.REPLICAS);
        Lane.pause(Duration.ofMillis(random.nextInt(1500)));
        lane.fleet().kill(killed, "container");
        lane.fleet().start(killed, "container");
        Lane.await("it has moved", () -> lane.isOn(0, to, "mover") && lane.isOn(1, to, "reader"));
        Lane.await("it is reached as before", this::isReached);
        Lane.await(
                "what never ran has moved",
                () -> lane.docker(2, "node ps --format {{.Name}} " + to).out().contains("never.1"));
        Lane.say("what can move has moved after " + Lane.since(began).toMillis() + " ms");
        Lane.await(
                "what stays says why",
                () -> lane.docker(1, "node ps --no-trunc --format {{.Name}}/{{.Error}} " + from)
                        .out()
                        .contains("writer.1/\"" + WRITTEN + "\""));
        assertThat(shapes()).isEqualTo(before);
        assertThat(process()).isEqualTo(stays);
        lane.ok(0, "start never");
        assertThat(lane.isOn(1, to, "never")).isTrue();
        lane.ok(0, "node update --availability active " + from);
        berths.remove();
        lane.ok(2, "rm -f mover reader writer never");
        lane.takesContainers(from);
    }

    /** Of what stays. */
    private String process() {
        return lane.inspect(0, "{{.State.Pid}} {{.State.StartedAt}}", "writer");
    }

    /** By its name from where it goes, and by its port at each entry. */
    private boolean isReached() {
        Program inspected = lane.docker(1, "inspect --format {{.Config.Hostname}} mover");
        String hostname = inspected.out().strip();
        return inspected.code() == 0
                && lane.answers(2, Residents.name(to), "mover", hostname)
                && Fleet.ENTRIES.stream().allMatch(entry -> lane.answers(entry, FIXED, hostname));
    }

    /** What a container keeps on its way. */
    private List<String> shapes() {
        String shape = "{{.Id}} {{.Name}} {{.Created}} {{.Config.Hostname}} {{json .Config.Labels}}"
                + " {{range .NetworkSettings.Networks}}{{.IPAddress}} {{.MacAddress}}{{end}} {{json .HostConfig.PortBindings}}";
        return List.of("mover", "reader", "never").stream()
                .map(name -> lane.inspect(0, shape, name))
                .toList();
    }
}
