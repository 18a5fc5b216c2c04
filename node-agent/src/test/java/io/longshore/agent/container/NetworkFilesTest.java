package io.longshore.agent.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.Specs;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.Network;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
        ContainerSpec spec = new ContainerSpec(
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
        new NetworkFiles(etc).write(spec, home, null);
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
                hosts);
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
}
