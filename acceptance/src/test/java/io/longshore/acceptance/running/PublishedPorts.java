package io.longshore.acceptance.running;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** What a Longshore has in nftables and bound of the node's ports: what the ports of its containers and its bridges come to. */
final class PublishedPorts {
    private static final String LISTENS = "0A";
    private static final String UNCONNECTED = "07";

    private PublishedPorts() {}

    /**
     * @param devices names of its bridges
     * @param sandboxed its containers that run in a sandbox of their own
     */
    static void compare(
            Longshore longshore, Set<String> devices, Set<Networks.Sandboxed> sandboxed, Differences wrong) {
        Set<String> ports = new HashSet<>();
        Set<String> keys = new HashSet<>();
        Set<String> elements = new HashSet<>();
        for (Networks.Sandboxed container : sandboxed) {
            for (var port : container.settings().path("Ports").properties()) {
                String protocol = port.getKey().replaceFirst(".*/", "");
                String inside = port.getKey().replaceFirst("/.*", "");
                for (JsonNode binding : port.getValue()) {
                    String host = binding.path("HostIp").asString();
                    String key = protocol + " " + host + " "
                            + binding.path("HostPort").asString();
                    ports.add(protocol + " " + binding.path("HostPort").asString());
                    for (String address : container.addresses()) {
                        // Translation is within a family.
                        if ((address.indexOf(':') >= 0) == (host.indexOf(':') >= 0)) {
                            keys.add(key);
                            elements.add(key + " to " + address.replaceFirst("/.*", "") + " " + inside);
                        }
                    }
                }
            }
        }
        JsonNode table = Tool.json("nft", "-j", "list", "table", "inet", longshore.firewallTable());
        Set<String> translated = translated(table);
        wrong.within("translated ports", translated, elements);
        wrong.within(
                "missing translated ports",
                keys,
                translated.stream()
                        .map(element -> element.replaceFirst(" to .*", ""))
                        .collect(Collectors.toSet()));
        networks(longshore, table, devices, wrong);
        wrong.same("ports bound by the agent", bound(longshore.agentPid()), ports);
    }

    /** Elements of the maps that translate, as PROTOCOL ADDRESS PORT to ADDRESS PORT. */
    private static Set<String> translated(JsonNode table) {
        Set<String> found = new HashSet<>();
        for (JsonNode each : table.path("nftables")) {
            JsonNode map = each.path("map");
            String name = map.path("name").asString("");
            for (JsonNode element : map.path("elem")) {
                JsonNode key = element.path(0).path("concat");
                JsonNode target = element.path(1).path("concat");
                String where = name.startsWith("at")
                        ? key.path(1).asString() + " " + key.path(0).asString() + " "
                                + key.path(2).asString()
                        : key.path(0).asString() + " " + (name.endsWith("6") ? "::" : "0.0.0.0") + " "
                                + key.path(1).asString();
                found.add(where + " to " + target.path(0).asString() + " "
                        + target.path(1).asString());
            }
        }
        return found;
    }

    /** Elements of a set: a name, a range of addresses, or both with a space between. */
    private static Set<String> named(JsonNode table, String set) {
        Set<String> found = new HashSet<>();
        for (JsonNode each : table.path("nftables")) {
            if (each.path("set").path("name").asString("").equals(set)) {
                each.path("set").path("elem").forEach(element -> found.add(text(element)));
            }
        }
        return found;
    }

    private static String text(JsonNode element) {
        if (element.has("concat")) {
            return element.path("concat")
                    .valueStream()
                    .map(PublishedPorts::text)
                    .collect(Collectors.joining(" "));
        }
        JsonNode prefix = element.path("prefix");
        return prefix.isMissingNode()
                ? element.asString()
                : prefix.path("addr").asString() + "/" + prefix.path("len").asInt();
    }

    /** What there may be of the networks on these bridges but their ports. */
    private static void networks(Longshore longshore, JsonNode table, Set<String> devices, Differences wrong) {
        Set<String> subnets = new HashSet<>();
        for (JsonNode network : longshore.call(Request.get("/networks")).json()) {
            network.path("IPAM")
                    .path("Config")
                    .forEach(pool -> subnets.add(pool.path("Subnet").asString()));
        }
        Set<String> pairs =
                devices.stream().map(device -> device + " " + device).collect(Collectors.toSet());
        Set<String> own = devices.stream()
                .flatMap(device -> subnets.stream().map(subnet -> device + " " + subnet))
                .collect(Collectors.toSet());
        wrong.same("bridges in the set of nftables", named(table, "bridges"), devices);
        wrong.within("bridges whose containers may talk", named(table, "talking"), pairs);
        wrong.within("internal bridges", named(table, "internal"), devices);
        for (String family : Set.of("4", "6")) {
            wrong.within("subnets of bridges", named(table, "own" + family), own);
            wrong.within("subnets that are masqueraded", named(table, "masquerade" + family), subnets);
        }
    }

    /** Ports of the node at which sockets of the process listen: proc_pid_net(5). */
    private static Set<String> bound(long pid) {
        Set<String> inodes = new HashSet<>();
        for (String fd : Machine.names(Path.of("/proc/" + pid + "/fd"))) {
            try {
                inodes.add(Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd", fd))
                        .toString()
                        .replaceAll("socket:\\[(\\d+)]", "$1"));
            } catch (IOException e) {
                // Closed meanwhile.
            }
        }
        Set<String> ports = new HashSet<>();
        for (String table : Set.of("tcp", "tcp6", "udp", "udp6")) {
            for (String line : lines(Path.of("/proc/" + pid + "/net", table))) {
                String[] words = line.strip().split("\\s+");
                String awaited = table.startsWith("tcp") ? LISTENS : UNCONNECTED;
                if (words.length > 9 && words[3].equals(awaited) && inodes.contains(words[9])) {
                    String hex = words[1].substring(words[1].lastIndexOf(':') + 1);
                    ports.add(table.substring(0, 3) + " " + Integer.parseInt(hex, 16));
                }
            }
        }
        return ports;
    }

    private static Iterable<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
