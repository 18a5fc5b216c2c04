package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What name servers outside are asked for on behalf of containers, and what they are not. */
@LongshoreOnly("the name server is in the tests' network, which Docker Engine's is not")
class NameServerCliRootIT extends CliCases {
    private static final String NODES_SERVER = "127.77.0.53";
    private static final String ADDRESS = "192.0.2.9";

    private final Applications applications() {
        return new Applications(docker);
    }

    /** Whom a program in the container is sent to by a name. */
    private Outcome resolve(String container, String name) {
        return docker.probe("exec " + container + " ping -c 1 -W 1 " + name);
    }

    /** A server that nobody but the node itself reaches would be a way out for what a container asks (CVE-2024-29018). */
    @Test
    void fromAnInternalNetworkNothingIsAsked() throws Exception {
        Path file = write("resolv.conf", Docker.bytes("nameserver " + NODES_SERVER + "\n"));
        docker.inMounts("mount", "--bind", file.toString(), "/etc/resolv.conf");
        try (Upstream upstream = new Upstream(NODES_SERVER, Map.of("open.test", ADDRESS, "secret.test", ADDRESS))) {
            docker.probe("network create --internal inner").ok();
            docker.probe("network create lan").ok();
            applications().server("web", 80, "--network inner");
            docker.ok("run -d --name asks --network inner busybox sleep 60");
            assertThat(applications().lookUp("asks", "web"))
                    .containsExactly(applications().address("web", "inner"));
            assertThat(docker.probe("exec asks nslookup -type=a secret.test 127.0.0.11")
                            .out())
                    .contains("SERVFAIL");
            resolve("asks", "secret.test").exits(1).says("bad address");
            assertThat(upstream.asked()).isEmpty();
            // So it is the network that keeps it from being asked.
            docker.ok("network connect lan asks");
            resolve("asks", "open.test").printsPart("PING open.test (" + ADDRESS + ")");
            assertThat(upstream.asked()).contains("open.test").doesNotContain("secret.test");
            docker.ok("network disconnect lan asks");
            resolve("asks", "secret.test").exits(1);
            assertThat(upstream.asked()).doesNotContain("secret.test", "web", "web.inner");
        } finally {
            docker.inMounts("umount", "/etc/resolv.conf");
        }
    }

    @Test
    void aShortNameIsLookedForInTheSearchDomain() {
        docker.probe("network create --subnet 10.213.0.0/24 --gateway 10.213.0.1 lan")
                .ok();
        try (Upstream upstream =
                new Upstream("10.213.0.1", Map.of("db.example.test", ADDRESS, "web.example.test", ADDRESS))) {
            applications().server("web", 80, "--network lan");
            docker.ok("run -d --name asks --network lan --dns 10.213.0.1 --dns-search example.test busybox sleep 60");
            resolve("asks", "db").printsPart("PING db (" + ADDRESS + ")");
            assertThat(upstream.asked()).contains("db.example.test");
            resolve("asks", "web").ok().printsPart("PING web (" + applications().address("web", "lan") + ")");
            resolve("asks", "other").exits(1);
            assertThat(upstream.asked()).contains("other.example.test").doesNotContain("web", "web.example.test");
            // In full it is another name, and that is not the network's.
            resolve("asks", "web.example.test").printsPart("PING web.example.test (" + ADDRESS + ")");
        }
    }
}
