package io.longshore.testnode.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.PluginVolume;
import io.longshore.contracts.agent.PluginVolumes;
import io.longshore.contracts.agent.VolumeOptions;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.run.Listener;
import io.longshore.platform.run.LongshoreService;
import io.longshore.platform.run.Part;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The fleet of one node and the volume paths of its agent. */
@LongshoreService(Part.AGENT)
public class TestNode {
    /** The one plugin that there is. */
    public static final String PLUGIN = "plugged";

    /** What every volume takes. */
    public static final int BYTES = 23;

    /** Both, on one socket. */
    @RestController
    public static class Volumes implements FleetApi {
        private final Listener listener;
        private final Set<String> names = ConcurrentHashMap.newKeySet();
        private final Set<String> plugged = ConcurrentHashMap.newKeySet();
        private final AtomicInteger fleetCalls = new AtomicInteger();
        private volatile boolean full;
        private volatile boolean stuck;
        private volatile boolean late;
        private volatile boolean away;
        private volatile String unmeasurable = "";

        Volumes(Listener listener) {
            this.listener = listener;
        }

        /** What is on the node. */
        public Set<String> names() {
            return names;
        }

        /** How often somebody asked which nodes there are. */
        public int fleetCalls() {
            return fleetCalls.get();
        }

        /** Whether its disk is full from now on. */
        public void full(boolean now) {
            full = now;
        }

        /** Whether it cannot remove anything from now on. */
        public void stuck(boolean now) {
            stuck = now;
        }

        /** Whether it removes nothing in time from now on. */
        public void late(boolean now) {
            late = now;
        }

        /** Whether nobody reaches it from now on. */
        public void away(boolean now) {
            away = now;
        }

        @PutMapping("/agent/volumes/{name}")
        void create(@PathVariable String name, @RequestBody VolumeOptions options) {
            if (full) {
                throw new Failure.Internal("no space left on device: volume " + name);
            }
            if (options.driver().equals(PLUGIN)) {
                if (options.options().containsKey("size")) {
                    throw new Failure.Invalid("create " + name + ": size is no option of this plugin");
                }
                plugged.add(name);
            } else if (options.driver().equals("local")) {
                names.add(name);
            } else {
                throw missing(options.driver());
            }
        }

        private static Failure missing(String driver) {
            return new Failure.NotFound(
                    "error looking up volume plugin " + driver + ": plugin \"" + driver + "\" not found");
        }

        @DeleteMapping("/agent/volumes/{name}")
        void remove(@PathVariable String name, @RequestParam String driver) {
            if (stuck) {
                throw new Failure.Internal("device or resource busy: volume " + name);
            }
            if (late) {
                throw new Failure.DeadlineExceeded("cannot remove volume " + name + " in time");
            }
            if (!Set.of(PLUGIN, "local").contains(driver)) {
                throw missing(driver);
            }
            (driver.equals(PLUGIN) ? plugged : names).remove(name);
        }

        @GetMapping("/agent/volumes")
        PluginVolumes list() {
            if (away) {
                throw new Failure.Unavailable("the node is away");
            }
            return new PluginVolumes(
                    plugged.stream().sorted().map(Volumes::described).toList(), List.of("list other: it is ill"));
        }

        @GetMapping("/agent/volumes/{name}")
        List<PluginVolume> find(@PathVariable String name, @RequestParam String driver) {
            if (!Set.of("", PLUGIN).contains(driver)) {
                throw missing(driver);
            }
            return plugged.contains(name) ? List.of(described(name)) : List.of();
        }

        private static PluginVolume described(String name) {
            return new PluginVolume(PLUGIN, name, "/mnt/" + name, "2020-02-02T02:02:02Z", null, "global");
        }

        /** What its one plugin has. */
        public Set<String> plugged() {
            return plugged;
        }

        /** This volume is too large to be measured. */
        public void unmeasurable(String name) {
            unmeasurable = name;
        }

        @GetMapping("/agent/volumes/{name}/size")
        long size(@PathVariable String name, @RequestParam String driver) {
            if (name.equals(unmeasurable)) {
                throw new Failure.DeadlineExceeded("volume " + name + " is too large");
            }
            return BYTES;
        }

        @Override
        public void heartbeat(Caller caller, NodeId id, Heartbeat heartbeat) {
            throw new UnsupportedOperationException("nobody sends one here");
        }

        @Override
        public List<Node> nodes(Caller caller) {
            fleetCalls.incrementAndGet();
            NodeInfo info = new NodeInfo(
                    2,
                    8L << 30,
                    "6.18.0",
                    "Debian",
                    "12",
                    "linux",
                    "x86_64",
                    1,
                    "cgroupfs",
                    "overlay2",
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of("local"),
                    List.of(),
                    "longshore",
                    List.of(),
                    "",
                    "/var/lib/longshore",
                    List.of(),
                    List.of(),
                    List.of(),
                    null,
                    null,
                    null,
                    null);
            return List.of(new Node(
                    NodeId.parse("node-1"), "ship", "unix:" + listener.socket(), Map.of(), info, Instant.now(), true));
        }
    }
}
