package io.longshore.agent.container;

import io.longshore.agent.etc.HostsFile;
import io.longshore.agent.etc.ResolvConf;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The three files that a container sees as /etc/hostname, /etc/hosts and /etc/resolv.conf, with the content that Docker Engine gives them.
 * They are written anew at each start and need not outlive a power cut. A running container's are changed in place, since they are mounted
 * file by file. Thread-safe; one operation at a time per container is the caller's job.
 */
final class NetworkFiles {
    /** Which name servers a container asks. */
    enum Servers {
        /** The node's: it has the node's network, or none. */
        NODE,
        /** Those of the node's that it reaches from the default bridge. */
        BRIDGE,
        /** 127.0.0.11: it is on a network that users made. */
        EMBEDDED
    }

    /**
     * What a container's endpoints give it.
     *
     * @param own its addresses, in the order of its endpoints
     * @param ipv6 whether its sandbox has IPv6 at all; loopback counts
     * @param links what {@link HostsFile#link} says of the containers it is linked to on the default bridge
     * @param gateway what {@code host-gateway} stands for
     */
    record Connections(
            Servers servers,
            List<InetAddress> own,
            boolean ipv6,
            List<HostsFile.Entry> links,
            List<InetAddress> gateway) {
        /** Of a container without a network of its own. */
        static final Connections NONE = new Connections(Servers.NODE, List.of(), true, List.of(), List.of());
    }

    private static final String RESOLV_CONF = "resolv.conf";
    private static final String HOSTS = "hosts";

    /** Beside the file: the digest of what was written last, to see whether the container has changed it. */
    private static final String WRITTEN = "resolv.conf.hash";

    /** The container may write what it likes to its own file. */
    private static final long LARGEST = 1 << 20;

    private static final Set<PosixFilePermission> WORLD_READABLE = PosixFilePermissions.fromString("rw-r--r--");

    private final Path etc;

    /** @param etc the node's own /etc */
    NetworkFiles(Path etc) {
        this.etc = etc;
    }

    /** The files of another container, for one that shares its network. */
    void copy(Path other, Path directory) {
        try {
            for (String name : List.of("hostname", HOSTS, RESOLV_CONF)) {
                Path file = other.resolve(name);
                if (Files.exists(file) && Files.size(file) <= LARGEST) {
                    put(directory.resolve(name), Files.readAllBytes(file));
                }
            }
        } catch (IOException e) {
            throw new Failure.Internal(
                    "cannot copy hostname, hosts and resolv.conf from " + other + " to " + directory + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** {@link #write(ContainerSpec, Path, Connections)} for a container without a network of its own. */
    void write(ContainerSpec spec, Path directory) {
        write(spec, directory, Connections.NONE);
    }

    /**
     * Writes all three into the container's directory.
     *
     * @throws Failure.Invalid if a host is to have the address host-gateway and there is none
     */
    void write(ContainerSpec spec, Path directory, Connections connections) {
        try {
            put(directory.resolve("hostname"), spec.hostname() + "\n");
            put(directory.resolve(HOSTS), hosts(spec, connections));
            putResolver(spec.network(), directory, connections);
        } catch (IOException e) {
            throw failure(spec, directory, e);
        }
    }

    /**
     * Adds addresses that a running container has been given, and has it ask 127.0.0.11 if that is right now and it has not changed
     * resolv.conf itself. Adding twice is adding once.
     */
    void connect(ContainerSpec spec, Path directory, Connections connections, List<InetAddress> added) {
        try {
            List<HostsFile.Entry> entries = own(spec, added);
            edit(directory, content -> HostsFile.with(HostsFile.without(content, entries), entries));
            if (isAsWritten(directory)) {
                putResolver(spec.network(), directory, connections);
            }
        } catch (IOException e) {
            throw failure(spec, directory, e);
        }
    }

    /** Takes away addresses that a running container no longer has. */
    void disconnect(ContainerSpec spec, Path directory, List<InetAddress> removed) {
        try {
            edit(directory, content -> HostsFile.without(content, own(spec, removed)));
        } catch (IOException e) {
            throw failure(spec, directory, e);
        }
    }

    /** Gives those that a running container is linked to the addresses of these lines, in the place of what they had. */
    void link(ContainerSpec spec, Path directory, List<HostsFile.Entry> links) {
        try {
            edit(directory, content -> HostsFile.with(HostsFile.withoutNames(content, links), links));
        } catch (IOException e) {
            throw failure(spec, directory, e);
        }
    }

    /** Takes away the lines of those that a running container is no longer linked to. */
    void unlink(ContainerSpec spec, Path directory, List<HostsFile.Entry> links) {
        if (links.isEmpty()) {
            return;
        }
        try {
            edit(directory, content -> HostsFile.without(content, links));
        } catch (IOException e) {
            throw failure(spec, directory, e);
        }
    }

    /** Changes /etc/hosts; one that is huge or no text is the container's own work, and stays. */
    private static void edit(Path directory, UnaryOperator<String> change) throws IOException {
        Path file = directory.resolve(HOSTS);
        if (Files.exists(file) && Files.size(file) <= LARGEST) {
            try {
                put(file, change.apply(Files.readString(file)));
            } catch (CharacterCodingException e) {
                return;
            }
        }
    }

    /** The node's resolv.conf with what the container asks for: what the embedded DNS asks, and whether ndots is set. */
    ResolvConf resolver(ContainerSpec.Network network) throws IOException {
        return ResolvConf.parse(node(RESOLV_CONF)).asked(network.dns(), network.dnsSearch(), network.dnsOptions());
    }

    private String hosts(ContainerSpec spec, Connections connections) throws IOException {
        HostsFile file = isHost(spec.network()) ? HostsFile.of(node(HOSTS)) : HostsFile.localhost(connections.ipv6());
        HostsFile all = file.and(HostsFile.added(spec.network().extraHosts(), connections.gateway()))
                .and(connections.links())
                .and(own(spec, connections.own()));
        return (connections.ipv6() ? all : all.withoutIpv6()).text();
    }

    private static List<HostsFile.Entry> own(ContainerSpec spec, List<InetAddress> addresses) {
        return HostsFile.own(spec.hostname(), spec.domainname(), addresses);
    }

    private void putResolver(ContainerSpec.Network network, Path directory, Connections connections)
            throws IOException {
        String content = resolvConf(network, connections);
        put(directory.resolve(RESOLV_CONF), content);
        put(directory.resolve(WRITTEN), digest(content.getBytes(StandardCharsets.UTF_8)));
    }

    /** The node's own, unless the container asks for something else, or cannot reach what it names. */
    private String resolvConf(ContainerSpec.Network network, Connections connections) throws IOException {
        ResolvConf asked = resolver(network);
        return switch (connections.servers()) {
            case BRIDGE ->
                asked.forBridge(connections.own().stream().anyMatch(Inet6Address.class::isInstance))
                        .text();
            case EMBEDDED -> asked.forEmbeddedDns().text();
            case NODE -> asksForNothing(network) ? node(RESOLV_CONF) : asked.text();
        };
    }

    private static boolean asksForNothing(ContainerSpec.Network network) {
        return network.dns().isEmpty()
                && network.dnsSearch().isEmpty()
                && network.dnsOptions().isEmpty();
    }

    private static boolean isAsWritten(Path directory) throws IOException {
        Path file = directory.resolve(RESOLV_CONF);
        Path written = directory.resolve(WRITTEN);
        return Files.exists(file)
                && Files.exists(written)
                && Files.size(file) <= LARGEST
                && Files.readString(written).equals(digest(Files.readAllBytes(file)));
    }

    private static String digest(byte[] content) {
        return Digest.of(content).toString();
    }

    private static boolean isHost(ContainerSpec.Network network) {
        return network.isHost();
    }

    private String node(String name) throws IOException {
        Path file = etc.resolve(name);
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private static Failure failure(ContainerSpec spec, Path directory, IOException error) {
        return new Failure.Internal(
                "cannot write hostname, hosts and resolv.conf of container "
                        + spec.id().shortForm() + " to " + directory + ": " + error.getMessage(),
                error);
    }

    private static void put(Path file, String content) throws IOException {
        put(file, content.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What is as it should be is left alone. What is not is written over: a file system flushes one that is made empty and written anew, which
     * takes its time. Whoever reads it at that moment may see lines of both; what is shorter has empty lines at its end for it, and no half ones.
     */
    private static void put(Path file, byte[] content) throws IOException {
        // After kill -9 the next start writes it anew.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long before = channel.size();
            if (before != content.length || !Arrays.equals(Files.readAllBytes(file), content)) {
                byte[] padded = Arrays.copyOf(content, (int) Math.max(content.length, Math.min(before, LARGEST)));
                Arrays.fill(padded, content.length, padded.length, (byte) '\n');
                ByteBuffer rest = ByteBuffer.wrap(padded);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.truncate(content.length);
            }
        }
        // Processes of any user in the container read it, whatever the agent's umask is.
        Files.setPosixFilePermissions(file, WORLD_READABLE);
    }
}
