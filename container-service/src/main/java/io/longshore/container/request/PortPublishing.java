package io.longshore.container.request;

import io.longshore.contracts.agent.Port;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.container.HostConfig.PortBinding;
import io.longshore.contracts.error.Failure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** HostConfig.PortBindings and PublishAllPorts: which ports are to be published where. */
final class PortPublishing {
    private static final Pattern PORT = Pattern.compile("([0-9]{1,5})(?:/(tcp|udp|sctp))?");
    private static final Pattern HOST_PORT = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");
    private static final int HIGHEST = 65_535;
    /** As many as there are ports; each costs a socket on the node. */
    private static final int MOST = 65_536;

    private PortPublishing() {}

    /** {@code Invalid} names what is no port. */
    static void check(HostConfig host) {
        bound(host);
    }

    /** For the agent, lowest port first. The request is complete, so that the image's ports are in it. */
    static List<Port> ports(ContainerConfig config, HostConfig host) {
        Map<String, List<Port>> all = new TreeMap<>(bound(host));
        if (Boolean.TRUE.equals(host.publishAllPorts()) && config.exposedPorts() != null) {
            for (String exposed : config.exposedPorts().keySet()) {
                Matcher matcher = PORT.matcher(exposed);
                if (matcher.matches()) {
                    Port port = new Port(number(matcher.group(1), exposed), protocol(matcher), "", 0, 0);
                    all.putIfAbsent(key(port), List.of(port));
                }
            }
        }
        return all.values().stream().flatMap(List::stream).toList();
    }

    /** Ports that a complete configuration exposes, {@code 80/tcp}; what is no port is passed over. */
    static List<String> exposed(ContainerConfig config) {
        return config.exposedPorts() == null
                ? List.of()
                : config.exposedPorts().keySet().stream()
                        .map(PORT::matcher)
                        .filter(Matcher::matches)
                        .map(matcher -> matcher.group(1) + "/" + protocol(matcher))
                        .distinct()
                        .toList();
    }

    /** What the client asked for, by port and protocol, in an order that sorts by number. */
    private static Map<String, List<Port>> bound(HostConfig host) {
        Map<String, @Nullable List<PortBinding>> bindings = host.portBindings();
        Map<String, List<Port>> result = new LinkedHashMap<>();
        int count = 0;
        for (var entry :
                bindings == null ? Map.<String, @Nullable List<PortBinding>>of().entrySet() : bindings.entrySet()) {
            Matcher matcher = PORT.matcher(entry.getKey());
            if (!matcher.matches()) {
                throw new Failure.Invalid("invalid port specification: \"" + entry.getKey() + "\"");
            }
            List<Port> ports = new ArrayList<>();
            List<PortBinding> wanted = entry.getValue();
            // Without a binding in particular it gets any port, as Docker has it for older clients.
            for (PortBinding binding : wanted == null || wanted.isEmpty() ? List.of(new PortBinding("", "")) : wanted) {
                ports.add(port(number(matcher.group(1), entry.getKey()), protocol(matcher), binding));
            }
            count += ports.size();
            if (count > MOST) {
                throw new Failure.Invalid("a container can publish at most " + MOST + " ports");
            }
            result.merge(key(ports.getFirst()), ports, (one, other) -> {
                List<Port> both = new ArrayList<>(one);
                both.addAll(other);
                return both;
            });
        }
        return result;
    }

    private static Port port(int port, String protocol, PortBinding binding) {
        String address = Objects.requireNonNullElse(binding.hostIp(), "");
        if (!address.isEmpty() && !NameResolution.isAddress(address)) {
            throw new Failure.Invalid("invalid IP address: " + address);
        }
        String text = Objects.requireNonNullElse(binding.hostPort(), "");
        if (text.isEmpty()) {
            return new Port(port, protocol, address, 0, 0);
        }
        Matcher matcher = HOST_PORT.matcher(text);
        if (!matcher.matches()) {
            throw new Failure.Invalid("invalid port specification: \"" + text + "\"");
        }
        int first = number(matcher.group(1), text);
        int last = matcher.group(2) == null ? first : number(matcher.group(2), text);
        if (last < first) {
            throw new Failure.Invalid("invalid port specification: \"" + text + "\"");
        }
        return new Port(port, protocol, address, first, last);
    }

    private static String protocol(Matcher matcher) {
        return matcher.group(2) == null ? "tcp" : matcher.group(2);
    }

    private static int number(String digits, String text) {
        int number = Integer.parseInt(digits);
        if (number > HIGHEST) {
            throw new Failure.Invalid("invalid port specification: \"" + text + "\"");
        }
        return number;
    }

    private static String key(Port port) {
        return String.format("%05d/%s", port.port(), port.protocol());
    }
}
