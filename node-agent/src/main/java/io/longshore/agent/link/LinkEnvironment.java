package io.longshore.agent.link;

import io.longshore.contracts.agent.LinkSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The variables by which a container is told of one that it is linked to, named after the alias: where each exposed port is, and what that
 * container was configured with. Applications from before there were networks with names read them (Docker's legacy links). Pure.
 */
final class LinkEnvironment {
    /** Three ports in a row and more are told of as a range, too. */
    private static final int RANGE = 3;

    private static final Set<String> OWN = Set.of("HOME", "PATH");

    private record Port(int number, String protocol) {
        static Port parse(String text) {
            int slash = text.indexOf('/');
            return new Port(Integer.parseInt(text.substring(0, slash)), text.substring(slash + 1));
        }
    }

    private final String prefix;
    private final String address;
    private final List<String> variables = new ArrayList<>();

    private LinkEnvironment(String alias, InetAddress address) {
        this.prefix = alias.toUpperCase(Locale.ROOT).replace('-', '_');
        this.address = address.getHostAddress();
    }

    /** {@code NAME=value} of one link of the container that is called {@code owner}. */
    static List<String> of(String owner, LinkedContainer linked) {
        LinkSpec link = linked.link();
        var environment = new LinkEnvironment(link.alias(), linked.addresses().getFirst());
        Comparator<Port> tcpFirst = Comparator.comparing(port -> !port.protocol.equals("tcp"));
        List<Port> ports = link.ports().stream()
                .map(Port::parse)
                .sorted(tcpFirst.thenComparingInt(Port::number))
                .toList();
        ports.stream()
                .min(Comparator.comparingInt(Port::number).thenComparing(tcpFirst))
                .ifPresent(lowest -> environment.put("PORT", environment.url(lowest)));
        environment.ports(ports);
        environment.put("NAME", "/" + owner + "/" + link.alias());
        for (String variable : link.environment()) {
            int equals = variable.indexOf('=');
            if (equals > 0 && !OWN.contains(variable.substring(0, equals))) {
                environment.put("ENV_" + variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return environment.variables;
    }

    private void ports(List<Port> ports) {
        for (int first = 0; first < ports.size(); ) {
            int after = first + 1;
            while (after < ports.size() && follows(ports.get(after - 1), ports.get(after))) {
                after++;
            }
            if (after - first >= RANGE) {
                range(ports.get(first), ports.get(after - 1));
            }
            first = after;
        }
        for (Port port : ports) {
            String name = name(port);
            put(name, url(port));
            put(name + "_ADDR", address);
            put(name + "_PORT", String.valueOf(port.number));
            put(name + "_PROTO", port.protocol);
        }
    }

    private static boolean follows(Port one, Port other) {
        return one.protocol.equals(other.protocol) && other.number == one.number + 1;
    }

    private void range(Port first, Port last) {
        String name = name(first);
        put(name + "_START", url(first));
        put(name + "_PORT_START", String.valueOf(first.number));
        put(name + "_END", url(last));
        put(name + "_PORT_END", String.valueOf(last.number));
    }

    private static String name(Port port) {
        return "PORT_" + port.number + "_" + port.protocol.toUpperCase(Locale.ROOT);
    }

    private String url(Port port) {
        return port.protocol + "://" + address + ":" + port.number;
    }

    private void put(String name, String value) {
        variables.add(prefix + "_" + name + "=" + value);
    }
}
