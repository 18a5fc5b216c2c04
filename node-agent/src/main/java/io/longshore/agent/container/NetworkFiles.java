package io.longshore.agent.container;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The three files that a container sees as /etc/hostname, /etc/hosts and /etc/resolv.conf, with the content that Docker Engine gives them.
 * They are written anew at each start and need not outlive a power cut. Thread-safe.
 */
final class NetworkFiles {
    /** As Docker Engine has them since version 26. */
    private static final String LOCALHOST = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    private static final Set<PosixFilePermission> WORLD_READABLE = PosixFilePermissions.fromString("rw-r--r--");

    private final Path etc;

    /** @param etc the node's own /etc */
    NetworkFiles(Path etc) {
        this.etc = etc;
    }

    /**
     * Writes all three into the container's directory.
     *
     * @param joined directory of the container whose network it shares, and so whose files it sees; null for none
     */
    void write(ContainerSpec spec, Path directory, @Nullable Path joined) {
        try {
            if (joined != null) {
                for (String name : List.of("hostname", "hosts", "resolv.conf")) {
                    put(directory.resolve(name), Files.readString(joined.resolve(name)));
                }
                return;
            }
            put(directory.resolve("hostname"), spec.hostname() + "\n");
            put(directory.resolve("hosts"), hosts(spec));
            put(directory.resolve("resolv.conf"), resolvConf(spec.network()));
        } catch (IOException e) {
            throw new Failure.Internal(
                    "cannot write hostname, hosts and resolv.conf of container "
                            + spec.id().shortForm() + " to " + directory + ": " + e.getMessage(),
                    e);
        }
    }

    private String hosts(ContainerSpec spec) throws IOException {
        StringBuilder hosts = new StringBuilder(isHost(spec.network()) ? node("hosts") : LOCALHOST);
        if (!hosts.isEmpty() && hosts.charAt(hosts.length() - 1) != '\n') {
            hosts.append('\n');
        }
        for (EndpointSpec endpoint : spec.network().endpoints()) {
            for (String address : endpoint.addresses()) {
                hosts.append(address, 0, address.indexOf('/'))
                        .append('\t')
                        .append(own(spec))
                        .append('\n');
            }
        }
        for (String line : spec.network().extraHosts()) {
            // name:address, and the address may be IPv6 with colons and brackets of its own.
            int colon = line.indexOf(':');
            String address = line.substring(colon + 1).replaceAll("^\\[|]$", "");
            hosts.append(address)
                    .append('\t')
                    .append(line, 0, Math.max(colon, 0))
                    .append('\n');
        }
        return hosts.toString();
    }

    /** What a container is called on its own addresses: with a domain both the full name and the short one. */
    private static String own(ContainerSpec spec) {
        return spec.domainname().isEmpty()
                ? spec.hostname()
                : spec.hostname() + "." + spec.domainname() + " " + spec.hostname();
    }

    /** The node's own, unless the container asks for something else: then line by line what it asks for, and the node's for the rest. */
    private String resolvConf(ContainerSpec.Network network) throws IOException {
        String own = node("resolv.conf");
        if (network.dns().isEmpty()
                && network.dnsSearch().isEmpty()
                && network.dnsOptions().isEmpty()) {
            return own;
        }
        List<String> lines = new ArrayList<>();
        for (String server : orElse(network.dns(), values(own, "nameserver"))) {
            lines.add("nameserver " + server);
        }
        List<String> search = orElse(network.dnsSearch(), values(own, "search"));
        // A single dot asks for no search domain at all, as in Docker.
        if (!search.isEmpty() && !search.equals(List.of("."))) {
            lines.add("search " + String.join(" ", search));
        }
        List<String> options = orElse(network.dnsOptions(), values(own, "options"));
        if (!options.isEmpty()) {
            lines.add("options " + String.join(" ", options));
        }
        return String.join("\n", lines) + "\n";
    }

    private static List<String> values(String file, String keyword) {
        return file.lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(words -> words[0].equals(keyword))
                .flatMap(words -> Stream.of(words).skip(1))
                .toList();
    }

    private static List<String> orElse(List<String> wanted, List<String> otherwise) {
        return wanted.isEmpty() ? otherwise : wanted;
    }

    private static boolean isHost(ContainerSpec.Network network) {
        return network.isHost();
    }

    private String node(String name) throws IOException {
        Path file = etc.resolve(name);
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private static void put(Path file, String content) throws IOException {
        // Nobody looks while it is written: the container does not run, and after kill -9 its next start writes it
        // anew.
        Files.writeString(file, content);
        // Processes of any user in the container read it, whatever the agent's umask is.
        Files.setPosixFilePermissions(file, WORLD_READABLE);
    }
}
