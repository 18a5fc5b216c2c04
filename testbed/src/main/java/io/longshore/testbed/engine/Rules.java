package io.longshore.testbed.engine;

import io.longshore.testbed.process.Program;
import java.util.Collection;

/** What a Longshore leaves in its network when it ends, since its containers go on: its table of rules and its bridges. */
final class Rules {
    private Rules() {}

    /** Removes them. No error when there are none. */
    static void remove(String table, Collection<String> bridges) {
        bridges.forEach(bridge -> Program.run("ip", "link", "delete", bridge));
        Program.run("nft", "delete", "table", "inet", table);
    }
}
