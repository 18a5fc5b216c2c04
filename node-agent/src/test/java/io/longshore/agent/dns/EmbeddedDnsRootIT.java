package io.longshore.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedDnsRootIT {
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final DnsView.Network FRONT = new DnsView.Network("n1", "front", Map.of());
    private static final DnsView.Network BACK = new DnsView.Network("n2", "back.net", Map.of());

    @TempDir
    private Path etc;

    private final NetworkNames names = new NetworkNames();
    private final SandboxNetwork network = SandboxNetwork.open();
    private EmbeddedDns dns;
    private DnsSandbox server;

    @BeforeEach
    void open() {
        dns = EmbeddedDns.start(SandboxNetwork.KERNEL, names, etc.resolve("resolv.conf"));
        server = dns.open(network.namespace(), null, view(FRONT));
        network.redirect(server.ports());
        names.put("n1", "e1", NetworkNames.of("web", List.of("Site"), ID, "host1"), addresses("10.1.0.2", "fd00:1::2"));
        names.put("n2", "e2", List.of("db"), addresses("10.2.0.3"));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        dns.close();
        network.close();
        assertThat(namespacesHeld()).isZero();
    }

    /** Of descriptors and threads of this process, those of a network namespace that is not its own. */
    private static long namespacesHeld() throws IOException {
        String own = link(Path.of("/proc/self/ns/net"));
        long held = 0;
        for (String places : List.of("/proc/self/fd", "/proc/self/task")) {
            try (var entries = Files.list(Path.of(places))) {
                held += entries.map(entry -> places.endsWith("fd") ? entry : entry.resolve("ns/net"))
                        .map(EmbeddedDnsRootIT::link)
                        .filter(target -> target.startsWith("net:[") && !target.equals(own))
                        .count();
            }
        }
        return held;
    }

    private static String link(Path path) {
        try {
            return Files.readSymbolicLink(path).toString();
        } catch (IOException e) {
            // That thread has ended, or the descriptor has been closed.
            return "";
        }
    }

    private static DnsView view(DnsView.Network... networks) {
        return new DnsView(List.of(networks), List.of(), true, false);
    }

    private static List<InetAddress> addresses(String... literals) {
        return List.of(literals).stream().map(InetAddress::ofLiteral).toList();
    }

    @Test
    void namesAliasesShortIdAndHostnameAreAnswered() {
        assertThat(network.lookUp("web")).containsExactly("10.1.0.2");
        assertThat(network.lookUp("WEB", "AAAA")).containsExactly("fd00:1::2");
        assertThat(network.lookUp("site")).containsExactly("10.1.0.2");
        assertThat(network.lookUp("0123456789ab")).containsExactly("10.1.0.2");
        assertThat(network.lookUp("host1", "+tcp")).containsExactly("10.1.0.2");
        assertThat(network.lookUp("web.front")).containsExactly("10.1.0.2");
        assertThat(network.dig("web"))
                .contains("web.\t\t\t600\tIN\tA\t10.1.0.2")
                .contains("flags: qr rd ra;");
        assertThat(dns.counts().answered()).isEqualTo(7);
    }

    @Test
    void theSystemsResolverFindsThem() {
        assertThat(network.run("nslookup", "web", "127.0.0.11")).contains("Address: 10.1.0.2");
    }

    @Test
    void aNameWithoutThatTypeIsThereAllTheSame() {
        server.view(view(FRONT, BACK));
        assertThat(network.dig("db", "AAAA")).contains("status: NOERROR").contains("ANSWER: 0");
        assertThat(network.dig("db", "MX")).contains("status: NOERROR").contains("ANSWER: 0");
        assertThat(network.lookUp("web", "ANY")).containsExactly("10.1.0.2", "fd00:1::2");
    }

    @Test
    void addressesHaveTheNameAndTheNetwork() {
        assertThat(network.lookUp("-x", "10.1.0.2")).containsExactly("web.front.");
        assertThat(network.lookUp("-x", "fd00:1::2")).containsExactly("web.front.");
        assertThat(network.dig("-x", "10.2.0.3")).contains("status: SERVFAIL");
    }

    @Test
    void onlyItsNetworksAreSeenAndAChangeAtOnce() {
        assertThat(network.dig("db")).contains("status: SERVFAIL");
        server.view(view(FRONT, BACK));
        assertThat(network.lookUp("db")).containsExactly("10.2.0.3");
        assertThat(network.lookUp("db.back.net")).containsExactly("10.2.0.3");
        assertThat(network.dig("db.front")).contains("status: SERVFAIL");
        server.view(view(BACK));
        assertThat(network.dig("web")).contains("status: SERVFAIL");
        names.remove("n2", "e2");
        assertThat(network.dig("db")).contains("status: SERVFAIL");
    }

    @Test
    void linksAreSeenByThisSandboxAlone() {
        server.view(view(new DnsView.Network("n1", "front", Map.of("Shop", "web"))));
        assertThat(network.lookUp("shop")).containsExactly("10.1.0.2");
        assertThat(network.lookUp("shop.front")).containsExactly("10.1.0.2");
        try (SandboxNetwork other = SandboxNetwork.open();
                DnsSandbox second = dns.open(other.namespace(), null, view(FRONT))) {
            other.redirect(second.ports());
            assertThat(other.lookUp("web")).containsExactly("10.1.0.2");
            assertThat(other.dig("shop")).contains("status: SERVFAIL");
        }
    }

    @Test
    void aSharedNameHasAllAddressesInAnyOrder() {
        for (int i = 0; i < 4; i++) {
            names.put("n1", "r" + i, List.of("replica" + i, "service"), addresses("10.1.1." + i));
        }
        assertThat(network.lookUp("service")).containsExactly("10.1.1.0", "10.1.1.1", "10.1.1.2", "10.1.1.3");
        Set<String> first = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            first.add(network.dig("+short", "service").lines().findFirst().orElseThrow());
        }
        assertThat(first).hasSize(4);
    }

    @Test
    void moreThanFitIsCutForUdpAndWholeByTcp() {
        for (int i = 0; i < 250; i++) {
            names.put("n1", "r" + i, List.of("service"), addresses("10.1.1." + i));
        }
        assertThat(network.dig("+ignore", "+noedns", "service"))
                .contains("flags: qr tc rd ra;")
                .contains("ANSWER: 30,");
        assertThat(network.dig("+ignore", "+bufsize=1232", "service"))
                .contains("flags: qr tc rd ra;")
                .contains("ANSWER: 74,");
        assertThat(network.dig("+ignore", "+bufsize=8192", "service")).contains("ANSWER: 250,");
        assertThat(network.dig("+bufsize=1232", "service"))
                .contains("ANSWER: 250,")
                .contains("(TCP)");
    }

    @Test
    void theSamePortsAreOpenedAgain() {
        DnsPorts ports = server.ports();
        assertThat(network.lookUp("web", "+tcp")).containsExactly("10.1.0.2");
        server.close();
        assertThat(network.dig("web")).contains("connection refused");
        server = dns.open(network.namespace(), ports, view(FRONT));
        assertThat(server.ports()).isEqualTo(ports);
        assertThat(network.lookUp("web")).containsExactly("10.1.0.2");
        assertThat(network.lookUp("web", "+tcp")).containsExactly("10.1.0.2");
    }

    @Test
    void aTakenPortIsConflict() {
        DatagramSocket taken =
                network.inside(() -> new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.11"), 0)));
        DnsPorts ports = new DnsPorts(taken.getLocalPort(), 0);
        assertThatThrownBy(() -> dns.open(network.namespace(), ports, DnsView.NONE))
                .isInstanceOf(Failure.Conflict.class)
                .hasMessageContaining("127.0.0.11 on ports " + taken.getLocalPort());
        taken.close();
    }

    @Test
    void theContainerMayServeDnsItself() {
        network.inside(() -> {
            new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 53)).close();
            return "free";
        });
        assertThat(network.lookUp("web")).containsExactly("10.1.0.2");
    }
}
