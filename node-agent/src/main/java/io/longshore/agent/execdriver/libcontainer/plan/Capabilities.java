package io.longshore.agent.execdriver.libcontainer.plan;

import io.longshore.contracts.agent.CapabilityNames;
import io.longshore.contracts.error.Failure;
import java.util.Collection;
import java.util.List;

/** Capabilities by name and number (linux/capability.h), and sets of them as the masks of capset(2). */
public final class Capabilities {
    private Capabilities() {}

    /**
     * The mask of a container's set on this node.
     *
     * @param available what the agent itself has; others are left out, as who asked for them has been told
     */
    static long mask(Collection<String> names, long available) {
        long mask = 0;
        for (String name : names) {
            int number = CapabilityNames.ALL.indexOf(name);
            if (number < 0) {
                throw new Failure.Invalid("unknown capability \"" + shortened(name) + "\"");
            }
            mask |= 1L << number;
        }
        return mask & available;
    }

    /** The names in a mask, for what is chosen by name. */
    static List<String> names(long mask) {
        return CapabilityNames.ALL.stream()
                .filter(name -> (mask >> CapabilityNames.ALL.indexOf(name) & 1) != 0)
                .toList();
    }

    private static String shortened(String name) {
        return name.substring(0, Math.min(name.length(), 100));
    }
}
