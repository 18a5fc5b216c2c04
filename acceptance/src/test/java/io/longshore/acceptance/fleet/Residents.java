package io.longshore.acceptance.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Fleet;
import java.util.ArrayList;
import java.util.List;

/** A container on each node that nothing may touch: on one network, with a port each that answers at the entries. */
final class Residents {
    private final Lane lane;
    private final List<Resident> all = new ArrayList<>();
    private final List<String> processes;

    private record Resident(String node, String hostname, int port) {}

    /** Starts them. */
    Residents(Lane lane, String network) {
        this.lane = lane;
        for (String node : Fleet.NODES) {
            String name = name(node);
            lane.ok(
                    1,
                    "run -d --name " + name + " --network " + network + " -p " + Lane.PORT + " " + Lane.on(node)
                            + Lane.SERVE);
            String told = lane.ok(2, "port " + name + " " + Lane.PORT)
                    .lines()
                    .findFirst()
                    .orElseThrow();
            int port = Integer.parseInt(told.substring(told.lastIndexOf(':') + 1));
            all.add(new Resident(node, lane.inspect(0, "{{.Config.Hostname}}", name), port));
        }
        this.processes = processes();
        Lane.await("all are reached", this::areReached);
    }

    static String name(String node) {
        return "stays-" + node;
    }

    /** Whether each is reached from another node by its name, and at each entry by its port. */
    boolean areReached() {
        return all.stream().allMatch(this::isReached);
    }

    private boolean isReached(Resident one) {
        String other = Fleet.NODES.get((Fleet.NODES.indexOf(one.node) + 1) % Fleet.NODES.size());
        return lane.answers(2, name(other), name(one.node), one.hostname)
                && Fleet.ENTRIES.stream().allMatch(entry -> lane.answers(entry, one.port, one.hostname));
    }

    /** They are what they were, with the numbers that they had. */
    void areAsBefore() {
        assertThat(processes()).isEqualTo(processes);
        Lane.await("all are reached", this::areReached);
    }

    private List<String> processes() {
        return Fleet.NODES.stream()
                .map(node -> lane.inspect(
                        0, "{{.State.Pid}} {{.State.StartedAt}} {{json .NetworkSettings.Ports}}", name(node)))
                .toList();
    }
}
