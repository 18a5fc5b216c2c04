package io.longshore.acceptance.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Compares what a Longshore holds with what its lists imply: of the machine (processes, cgroups, mounts, network namespaces,
 * interfaces, rules, ports, directories), of rows (containers, claims, networks, addresses, images, volumes), and of images' content.
 */
public final class LeakCheck {
    /**
     * What is released after the answer (a cgroup's last process, a directory in the trash) may take a moment. What a crash left half made is
     * left alone for 30 s in case it is still being made, and then swept.
     */
    private static final Duration SWEEP = Duration.ofSeconds(60);

    /** A layer's removal that a crash cut off is taken up after 90 s. */
    private static final Duration LAYERS = Duration.ofMinutes(2);

    /** A look at the whole machine is work, and what is not gone soon waits for a sweep. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

    private static final Duration LAST_PAUSE = Duration.ofSeconds(1);

    private LeakCheck() {}

    /** Waits until all that is held is what is implied, and fails with the difference if it does not get there. */
    public static void check(Longshore longshore) {
        check(longshore, LAYERS, LeakCheck::all);
    }

    /** The same without rows and images, which after a crash take longer to be swept. */
    public static void onTheMachine(Longshore longshore) {
        check(longshore, SWEEP, held -> {
            Differences wrong = new Differences();
            JsonNode containers = containers(held);
            Machine.compare(held, containers, wrong);
            Networks.compare(held, containers, wrong);
            return wrong;
        });
    }

    /** What is wrong at the first look. */
    static Differences all(Longshore longshore) {
        return all(longshore, containers(longshore));
    }

    /** The same if these were its containers. */
    static Differences all(Longshore longshore, JsonNode containers) {
        Differences wrong = new Differences();
        Machine.compare(longshore, containers, wrong);
        Networks.compare(longshore, containers, wrong);
        Rows.compare(longshore, containers, wrong);
        Content.compare(longshore, wrong);
        return wrong;
    }

    private static void check(Longshore longshore, Duration atMost, Function<Longshore, Differences> compare) {
        long end = System.nanoTime() + atMost.toNanos();
        long pause = FIRST_PAUSE.toNanos();
        Differences wrong = compare.apply(longshore);
        while (!wrong.none() && System.nanoTime() < end) {
            LockSupport.parkNanos(pause);
            pause = Math.min(2 * pause, LAST_PAUSE.toNanos());
            wrong = compare.apply(longshore);
        }
        assertThat(wrong.all())
                .as("what %s holds beyond or short of its lists, after %s", longshore.name(), atMost)
                .isEmpty();
    }

    private static JsonNode containers(Longshore longshore) {
        return longshore.call(Request.get("/containers/json?all=1")).json();
    }

    /** The ids of a list of containers that are in one of the states. */
    static Set<String> ids(JsonNode containers, Set<String> states) {
        Set<String> ids = new java.util.HashSet<>();
        for (JsonNode container : containers) {
            if (states.isEmpty() || states.contains(container.path("State").asString())) {
                ids.add(container.path("Id").asString());
            }
        }
        return ids;
    }
}
