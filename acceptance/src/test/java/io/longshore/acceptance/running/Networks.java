package io.longshore.acceptance.running;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * What a Longshore holds of its network namespace, which is this JVM's: a bridge for each network, an interface for each endpoint of a
 * container that runs, in whose sandbox there are the addresses that inspect says; a sandbox for each container on a bridge.
 */
final class Networks {
    /** What the alias of a bridge begins with. */
    private static final String BRIDGE_OF = "longshore network ";
    /** Of the end on the node: whose it is, and what makes it its own. */
    private static final Pattern INTERFACE = Pattern.compile("ls([0-9a-f]{8})[0-9a-z]{5}");

    /** The first one of a Longshore that tests start, which has the name of its table: also of one that was only to be refused or killed. */
    private static final Pattern DEFAULT_BRIDGE = Pattern.compile("br[0-9]+[a-z]");

    private static final int SHORT = 8;

    private Networks() {}

    /** A container that runs in a sandbox of its own. */
    record Sandboxed(String id, long pid, JsonNode settings) {
        String shortId() {
            return id.substring(0, SHORT);
        }

        /** Its addresses on its networks with their prefix lengths. */
        Set<String> addresses() {
            Set<String> addresses = new HashSet<>();
            for (JsonNode network : settings.path("Networks")) {
                address(network, "IPAddress", "IPPrefixLen", addresses);
                address(network, "GlobalIPv6Address", "GlobalIPv6PrefixLen", addresses);
            }
            return addresses;
        }

        private static void address(JsonNode network, String address, String length, Set<String> addresses) {
            if (!network.path(address).asString("").isEmpty()) {
                addresses.add(network.path(address).asString() + "/"
                        + network.path(length).asInt());
            }
        }
    }

    static void compare(Longshore longshore, JsonNode containers, Differences wrong) {
        Set<Sandboxed> sandboxed = sandboxed(longshore, containers);
        Set<String> ids = sandboxed.stream().map(Sandboxed::id).collect(Collectors.toSet());
        wrong.same("network namespaces", Machine.names(longshore.agentRun().resolve("netns")), ids);
        wrong.same(
                "records of sandboxes",
                Machine.names(longshore.agentRun().resolve("sandboxes")).stream()
                        .map(name -> name.replaceFirst("\\.json$", ""))
                        .collect(Collectors.toSet()),
                ids);
        JsonNode links = Tool.json("ip", "-j", "-d", "link", "show");
        Map<String, String> devices = bridges(longshore, links, wrong);
        interfaces(links, devices, sandboxed, wrong);
        for (Sandboxed container : sandboxed) {
            wrong.same("addresses in " + container.shortId(), addresses(container.pid()), container.addresses());
        }
        PublishedPorts.compare(longshore, Set.copyOf(devices.values()), sandboxed, wrong);
    }

    private static Set<Sandboxed> sandboxed(Longshore longshore, JsonNode containers) {
        Set<Sandboxed> found = new HashSet<>();
        for (String id : LeakCheck.ids(containers, Set.of("running", "paused"))) {
            JsonNode inspected =
                    longshore.call(Request.get("/containers/" + id + "/json")).json();
            String mode = inspected.path("HostConfig").path("NetworkMode").asString();
            long pid = inspected.path("State").path("Pid").asLong();
            if (pid > 0 && !mode.equals("none") && !mode.equals("host") && !mode.startsWith("container:")) {
                found.add(new Sandboxed(id, pid, inspected.path("NetworkSettings")));
            }
        }
        return found;
    }

    /**
     * This Longshore's bridges by the ids of their networks. Others may be in this network namespace, wherever they have their directories: a
     * bridge that is left is one of which no node of those that run has a record.
     */
    private static Map<String, String> bridges(Longshore longshore, JsonNode links, Differences wrong) {
        Set<String> listed = new HashSet<>();
        for (JsonNode network : longshore.call(Request.get("/networks")).json()) {
            if (network.path("Driver").asString().equals("bridge")) {
                listed.add(network.path("Id").asString());
            }
        }
        Map<String, String> own = longshore.bridges();
        wrong.within("records of networks", own.keySet(), listed);
        Set<String> known = new HashSet<>();
        for (Map<String, String> each : Longshore.allBridges()) {
            each.forEach((network, device) -> known.add(device + " of " + network));
        }
        Set<String> present = new HashSet<>();
        for (JsonNode link : links) {
            String alias = link.path("ifalias").asString("");
            String device = link.path("ifname").asString();
            boolean anothers = DEFAULT_BRIDGE.matcher(device).matches() && !device.equals(longshore.firewallTable());
            if (alias.startsWith(BRIDGE_OF) && !anothers) {
                present.add(device + " of " + alias.substring(BRIDGE_OF.length()));
            }
        }
        wrong.within("bridges", present, known);
        Set<String> wanted = new HashSet<>();
        own.forEach((network, device) -> wanted.add(device + " of " + network));
        wrong.within("missing bridges", wanted, present);
        return own;
    }

    /** One for each endpoint of a container that runs; and none that is no bridge's port, whosever it was. */
    private static void interfaces(
            JsonNode links, Map<String, String> devices, Set<Sandboxed> sandboxed, Differences wrong) {
        Set<String> held = new HashSet<>();
        Set<String> loose = new HashSet<>();
        for (JsonNode link : links) {
            String name = link.path("ifname").asString();
            var match = INTERFACE.matcher(name);
            String bridge = link.path("master").asString("");
            if (!match.matches()) {
                continue;
            }
            if (bridge.isEmpty()) {
                loose.add(name);
            } else if (devices.containsValue(bridge) && !held.add(match.group(1) + " on " + bridge)) {
                loose.add(name + ", another one on " + bridge);
            }
        }
        Set<String> implied = new HashSet<>();
        for (Sandboxed container : sandboxed) {
            for (JsonNode network : container.settings().path("Networks")) {
                String id = network.path("NetworkID").asString();
                implied.add(container.shortId() + " on " + devices.getOrDefault(id, "no bridge for " + id));
            }
        }
        wrong.same("interfaces of endpoints", held, implied);
        wrong.within("interfaces of no endpoint", loose, Set.of());
    }

    /** Those of the namespace of a process, but for the loopback's and the kernel's own. */
    private static Set<String> addresses(long pid) {
        Set<String> found = new HashSet<>();
        for (JsonNode link : Tool.json("nsenter", "--net=/proc/" + pid + "/ns/net", "ip", "-j", "addr", "show")) {
            for (JsonNode address : link.path("addr_info")) {
                if (address.path("scope").asString().equals("global")) {
                    found.add(address.path("local").asString() + "/"
                            + address.path("prefixlen").asInt());
                }
            }
        }
        return found;
    }
}
