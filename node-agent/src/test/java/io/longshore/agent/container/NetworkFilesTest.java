package io.longshore.agent.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.Specs;
import io.longshore.agent.container.NetworkFiles.Connections;
import io.longshore.agent.container.NetworkFiles.Servers;
import io.longshore.agent.etc.HostsFile;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Network;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkFilesTest {
    private static final ContainerSpec PLAIN = Specs.of(List.of(), "true").spec(ContainerId.random());

    @TempDir
    private Path etc;

    @TempDir
    private Path home;

    @BeforeEach
    void node() throws IOException {
        Files.writeString(etc.resolve("hosts"), "127.0.0.1 localhost\n10.0.0.1 node");
        Files.writeString(
                etc.resolve("resolv.conf"),
                "# made by hand\nnameserver 10.0.0.53\nsearch example.org\noptions ndots:2\n");
    }

    private String written(String file, Network network) throws IOException {
        new NetworkFiles(etc).write(spec(network), home);
        return Files.readString(home.resolve(file));
    }

    private static ContainerSpec spec(Network network) {
        return new ContainerSpec(
                PLAIN.id(),
                1,
                "test",
                "default",
                "web",
                "",
                PLAIN.image(),
                PLAIN.process(),
                false,
                List.of(),
                network,
                PLAIN.resources(),
                PLAIN.security(),
                0,
                PLAIN.log(),
                PLAIN.stop(),
                PLAIN.restart(),
                null,
                "longshore",
                PLAIN.labels());
    }

    private static Connections on(Servers servers, String... addresses) {
        List<InetAddress> own = Stream.of(addresses).map(InetAddress::ofLiteral).toList();
        return new Connections(servers, own, true, List.of(), List.of(InetAddress.ofLiteral("172.17.0.1")));
    }

    private String after(String file) throws IOException {
        return Files.readString(home.resolve(file));
    }

    private static Network network(
            String driver, List<String> dns, List<String> search, List<String> options, List<String> hosts) {
        return new Network(
                null,
                List.of(EndpointSpec.plain("1".repeat(64), NetworkSpec.plain("0".repeat(64), driver, driver))),
                List.of(),
                dns,
                search,
                options,
                hosts,
                List.of());
    }

    private static Network none(String... hosts) {
        return network("null", List.of(), List.of(), List.of(), List.of(hosts));
    }

    @Test
    void hostnameIsOneLine() throws IOException {
        assertThat(written("hostname", none())).isEqualTo("web\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("hostname"))))
                .isEqualTo("rw-r--r--");
    }

    @Test
    void hostsHaveLocalhostAndWhatWasAdded() throws IOException {
        assertThat(written("hosts", none("db:10.1.2.3", "six:[fd00::1]", "seven:fd00::2")))
                .isEqualTo("""
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                fe00::\tip6-localnet
                ff00::\tip6-mcastprefix
                ff02::1\tip6-allnodes
                ff02::2\tip6-allrouters
                10.1.2.3\tdb
                fd00::1\tsix
                fd00::2\tseven
                """);
    }

    @Test
    void theHostNetworkHasTheNodesHosts() throws IOException {
        assertThat(written("hosts", network("host", List.of(), List.of(), List.of(), List.of("db:10.1.2.3"))))
                .isEqualTo("127.0.0.1 localhost\n10.0.0.1 node\n10.1.2.3\tdb\n");
    }

    @Test
    void resolverIsTheNodesUnlessAsked() throws IOException {
        assertThat(written("resolv.conf", none())).startsWith("# made by hand\n");
        assertThat(written(
                        "resolv.conf",
                        network("null", List.of("1.1.1.1", "8.8.8.8"), List.of(), List.of("timeout:1"), List.of())))
                .isEqualTo("nameserver 1.1.1.1\nnameserver 8.8.8.8\nsearch example.org\noptions timeout:1\n");
        assertThat(written("resolv.conf", network("null", List.of(), List.of("."), List.of(), List.of())))
                .isEqualTo("nameserver 10.0.0.53\noptions ndots:2\n");
    }

    @Test
    void aNodeWithoutAResolverGivesAnEmptyFile() throws IOException {
        Files.delete(etc.resolve("resolv.conf"));
        assertThat(written("resolv.conf", none())).isEmpty();
    }

    @Test
    void ownAddressesFollowWhatWasAddedAndLinks() throws IOException {
        Connections linked = new Connections(
                Servers.BRIDGE,
                List.of(InetAddress.ofLiteral("172.17.0.3"), InetAddress.ofLiteral("fd00::3")),
                true,
                HostsFile.link("db", "0123456789ab", "postgres", List.of(InetAddress.ofLiteral("172.17.0.2"))),
                List.of(InetAddress.ofLiteral("172.17.0.1")));
        new NetworkFiles(etc).write(spec(none("node:host-gateway")), home, linked);
        assertThat(after("hosts")).endsWith("""
                ff02::2\tip6-allrouters
                172.17.0.1\tnode
                172.17.0.2\tdb 0123456789ab postgres
                172.17.0.3\tweb
                fd00::3\tweb
                """);
        assertThatThrownBy(() -> new NetworkFiles(etc).write(spec(none("node:host-gateway")), home))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("unable to derive the IP value for host-gateway");
    }

    @Test
    void withoutIpv6ThereIsNoLineOfIt() throws IOException {
        Connections connections = new Connections(
                Servers.EMBEDDED, List.of(InetAddress.ofLiteral("10.1.0.2")), false, List.of(), List.of());
        new NetworkFiles(etc).write(spec(none("six:fd00::1", "four:10.0.0.1")), home, connections);
        assertThat(after("hosts")).isEqualTo("127.0.0.1\tlocalhost\n10.0.0.1\tfour\n10.1.0.2\tweb\n");
    }

    @Test
    void theDefaultBridgeHasTheServersThatItReaches() throws IOException {
        Files.writeString(
                etc.resolve("resolv.conf"), "nameserver 127.0.0.53\nnameserver fd00::53\nnameserver 10.0.0.53\n");
        NetworkFiles files = new NetworkFiles(etc);
        files.write(spec(none()), home, on(Servers.BRIDGE, "172.17.0.2"));
        assertThat(after("resolv.conf")).isEqualTo("nameserver 10.0.0.53\n");
        files.write(spec(none()), home, on(Servers.BRIDGE, "172.17.0.2", "fd00::2"));
        assertThat(after("resolv.conf")).isEqualTo("nameserver fd00::53\nnameserver 10.0.0.53\n");
    }

    @Test
    void aConnectedContainerHasItsAddressAndTheEmbeddedDns() throws IOException {
        NetworkFiles files = new NetworkFiles(etc);
        files.write(spec(none()), home, on(Servers.BRIDGE, "172.17.0.2"));
        Object inode = Files.getAttribute(home.resolve("hosts"), "unix:ino");
        files.connect(
                spec(none()),
                home,
                on(Servers.EMBEDDED, "172.17.0.2", "10.1.0.2"),
                List.of(InetAddress.ofLiteral("10.1.0.2")));
        assertThat(after("hosts")).endsWith("172.17.0.2\tweb\n10.1.0.2\tweb\n");
        files.connect(spec(none()), home, on(Servers.EMBEDDED), List.of(InetAddress.ofLiteral("10.1.0.2")));
        assertThat(after("hosts")).endsWith("172.17.0.2\tweb\n10.1.0.2\tweb\n");
        assertThat(after("resolv.conf")).isEqualTo("nameserver 127.0.0.11\nsearch example.org\noptions ndots:2\n");
        files.disconnect(spec(none()), home, List.of(InetAddress.ofLiteral("172.17.0.2")));
        assertThat(after("hosts")).endsWith("ip6-allrouters\n10.1.0.2\tweb\n");
        // It is the file that the container has mounted.
        assertThat(Files.getAttribute(home.resolve("hosts"), "unix:ino")).isEqualTo(inode);
    }

    @Test
    void aShorterFileHasNothingOfTheLongerOne() throws IOException {
        NetworkFiles files = new NetworkFiles(etc);
        files.write(spec(none()), home, on(Servers.BRIDGE, "172.17.0.2"));
        String before = Files.readString(home.resolve("hosts"));
        Files.writeString(home.resolve("hosts"), before + "192.0.2.1 mine\n".repeat(10_000));
        files.write(spec(none()), home, on(Servers.BRIDGE, "172.17.0.2"));
        assertThat(home.resolve("hosts")).hasContent(before);
    }

    @Test
    void whatTheContainerChangedStays() throws IOException {
        NetworkFiles files = new NetworkFiles(etc);
        files.write(spec(none()), home, on(Servers.BRIDGE, "172.17.0.2"));
        Files.writeString(home.resolve("resolv.conf"), "nameserver 192.0.2.1\n");
        Files.writeString(home.resolve("hosts"), "192.0.2.1 mine\n172.17.0.2\tweb\n172.17.0.2\tweb other\n");
        files.connect(spec(none()), home, on(Servers.EMBEDDED, "172.17.0.2"), List.of());
        files.disconnect(spec(none()), home, List.of(InetAddress.ofLiteral("172.17.0.2")));
        assertThat(after("resolv.conf")).isEqualTo("nameserver 192.0.2.1\n");
        assertThat(after("hosts")).isEqualTo("192.0.2.1 mine\n172.17.0.2\tweb other\n");
    }

    @Test
    void whatChangesNothingWritesNothing() throws IOException {
        NetworkFiles files = new NetworkFiles(etc);
        Network network = PLAIN.network();
        Connections connections = on(Servers.EMBEDDED, "172.18.0.2");
        files.write(spec(network), home, connections);
        FileTime longAgo = FileTime.fromMillis(1_000);
        for (String file : List.of("hosts", "resolv.conf", "resolv.conf.hash")) {
            Files.setLastModifiedTime(home.resolve(file), longAgo);
        }
        files.disconnect(spec(network), home, List.of());
        files.connect(spec(network), home, connections, List.of());
        for (String file : List.of("hosts", "resolv.conf", "resolv.conf.hash")) {
            assertThat(Files.getLastModifiedTime(home.resolve(file))).as(file).isEqualTo(longAgo);
        }
        files.connect(spec(network), home, connections, List.of(InetAddress.ofLiteral("172.19.0.2")));
        assertThat(Files.getLastModifiedTime(home.resolve("hosts"))).isNotEqualTo(longAgo);
    }
}
