package io.longshore.acceptance.fleet;

import java.util.ArrayList;
import java.util.List;

/** A label of nodes, by which a container is to go to one node and may go to another one later. */
final class Berths {
    static final String LABEL = "berth";
    /** Has a container go where a berth is. */
    static final String ANY = "--label io.longshore.placement.constraint=node.labels." + LABEL + "==1 ";
    /** Says that there is nothing to lose. */
    static final String ANEW = "--label io.longshore.placement.move=true ";

    private final Lane lane;
    private final List<String> nodes = new ArrayList<>();

    Berths(Lane lane) {
        this.lane = lane;
    }

    /** Waits until it counts: where containers go is known for a second. */
    void add(String node) {
        nodes.add(node);
        lane.ok(0, "node update --label-add " + LABEL + "=1 " + node);
        String there = "--label io.longshore.placement.constraint=node.labels." + LABEL + "==1,node.hostname==" + node;
        Lane.await(
                "a berth on " + node,
                () -> lane.docker(1, "run --rm --network none " + there + " busybox true")
                                .code()
                        == 0);
    }

    void remove() {
        nodes.forEach(node -> lane.ok(0, "node update --label-rm " + LABEL + " " + node));
    }
}
