package io.longshore.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** What no network knows. The node's servers are on its loopback, at addresses that nothing else uses; a sandbox's are in the sandbox. */
class ForwardingRootIT {
    private static final String FIRST = "127.77.0.1";
    private static final String SECOND = "127.77.0.2";

    @TempDir
    private Path etc;

    private final NetworkNames names = new NetworkNames();
    private final SandboxNetwork network = SandboxNetwork.open();
    private final List<OtherServer> others = new ArrayList<>();
    private EmbeddedDns dns;
    private DnsSandbox server;

    @BeforeEach
    void open() {
        dns = EmbeddedDns.start(SandboxNetwork.KERNEL, names, etc.resolve("resolv.conf"));
        server = dns.open(network.namespace(), null, view(true));
        network.redirect(server.ports());
    }

    @AfterEach
    void close() {
        server.close();
        dns.close();
        others.forEach(OtherServer::close);
        network.close();
    }

    private static DnsView view(boolean external, String... servers) {
        return new DnsView(
                List.of(new DnsView.Network("n1", "front", Map.of())),
                List.of(servers).stream().map(InetAddress::ofLiteral).toList(),
                external,
                false);
    }

    private void nodeAsks(String... servers) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String address : servers) {
            text.append("nameserver ").append(address).append('\n');
        }
        Files.writeString(etc.resolve("resolv.conf"), text);
    }

    private OtherServer onNode(String address, OtherServer.Rule rule) throws IOException {
        OtherServer other = OtherServer.open(address, rule);
        others.add(other);
        return other;
    }

    private OtherServer inSandbox(String address, OtherServer.Rule rule) {
        OtherServer other = network.inside(() -> OtherServer.open(address, rule));
        others.add(other);
        return other;
    }

    @Test
    void theNodesServersAreAskedFromTheNode() throws IOException {
        nodeAsks(FIRST);
        OtherServer other = onNode(FIRST, OtherServer.says("192.0.2.1"));
        assertThat(network.lookUp("example.org")).containsExactly("192.0.2.1");
        assertThat(network.lookUp("example.org", "+tcp")).containsExactly("192.0.2.1");
        assertThat(network.lookUp("unknown")).containsExactly("192.0.2.1");
        assertThat(other.asked()).hasSize(3);
        assertThat(dns.counts().forwarded()).isEqualTo(3);
    }

    @Test
    void theFileIsReadAnewWhenItChanges() throws Exception {
        onNode(FIRST, OtherServer.says("192.0.2.1"));
        onNode(SECOND, OtherServer.says("192.0.2.2"));
        assertThat(network.dig("example.org")).contains("status: SERVFAIL");
        nodeAsks(FIRST);
        Thread.sleep(Duration.ofMillis(1100));
        assertThat(network.lookUp("example.org")).containsExactly("192.0.2.1");
        nodeAsks(SECOND);
        Thread.sleep(Duration.ofMillis(1100));
        assertThat(network.lookUp("example.org")).containsExactly("192.0.2.2");
    }

    @Test
    void theContainersOwnServersAreAskedFromTheSandbox() throws IOException {
        nodeAsks(FIRST);
        onNode(FIRST, OtherServer.says("192.0.2.1"));
        // The node has a server at that address too: it is not that one.
        onNode(SECOND, OtherServer.says("192.0.2.2"));
        inSandbox(SECOND, OtherServer.says("192.0.2.3"));
        server.view(view(true, SECOND));
        assertThat(network.lookUp("example.org")).containsExactly("192.0.2.3");
        assertThat(network.lookUp("example.org", "+tcp")).containsExactly("192.0.2.3");
    }

    @Test
    void fromAnInternalNetworkNothingIsAskedOnTheNode() throws IOException {
        nodeAsks(FIRST);
        OtherServer other = onNode(FIRST, OtherServer.says("192.0.2.1"));
        server.view(view(false));
        assertThat(network.dig("secret.example.org")).contains("status: SERVFAIL");
        assertThat(network.dig("secret.example.org", "+tcp")).contains("status: SERVFAIL");
        // A server that was asked for is reached like anything else in the sandbox: from there, or not at all.
        server.view(view(false, "192.0.2.53"));
        assertThat(network.dig("secret.example.org")).contains("status: SERVFAIL");
        server.view(view(false, FIRST));
        assertThat(network.dig("secret.example.org")).contains("status: SERVFAIL");
        assertThat(other.asked()).isEmpty();
        inSandbox(SECOND, OtherServer.says("192.0.2.3"));
        server.view(view(false, SECOND));
        assertThat(network.lookUp("on.the.network")).containsExactly("192.0.2.3");
    }

    @Test
    void singleNamesAreKeptWhenNdotsIsSet() throws IOException {
        nodeAsks(FIRST);
        OtherServer other = onNode(FIRST, OtherServer.says("192.0.2.1"));
        server.view(new DnsView(List.of(), List.of(), true, true));
        assertThat(network.dig("single")).contains("status: NOERROR").contains("ANSWER: 0");
        assertThat(other.asked()).isEmpty();
        assertThat(network.lookUp("two.labels")).containsExactly("192.0.2.1");
    }

    @Test
    void theNextServerIsAskedWhenOneFails() throws IOException {
        nodeAsks(FIRST, "127.77.0.9", SECOND);
        OtherServer failing = onNode(FIRST, OtherServer.fails(Rcode.REFUSED));
        onNode(SECOND, OtherServer.says("192.0.2.2"));
        long began = System.nanoTime();
        // Nobody is at the second of three: the kernel says so at once.
        assertThat(network.lookUp("example.org")).containsExactly("192.0.2.2");
        assertThat(network.lookUp("example.org", "+tcp")).containsExactly("192.0.2.2");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
        assertThat(failing.asked()).hasSize(2);
    }

    @Test
    void theNextServerIsAskedWhenOneIsSilent() throws IOException {
        nodeAsks(FIRST, SECOND);
        onNode(FIRST, (query, stream) -> null);
        onNode(SECOND, OtherServer.says("192.0.2.2"));
        long began = System.nanoTime();
        assertThat(network.lookUp("example.org")).containsExactly("192.0.2.2");
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(3900), Duration.ofSeconds(6));
    }

    @Test
    void thatANameDoesNotExistIsAnAnswer() throws IOException {
        nodeAsks(FIRST, SECOND);
        onNode(FIRST, OtherServer.fails(Rcode.NXDOMAIN));
        OtherServer second = onNode(SECOND, OtherServer.says("192.0.2.2"));
        assertThat(network.dig("example.org")).contains("status: NXDOMAIN");
        assertThat(second.asked()).isEmpty();
    }

    @Test
    void whatIsTooLargeForUdpComesByTcp() throws IOException {
        nodeAsks(FIRST);
        onNode(FIRST, (query, stream) -> {
            Message answer = OtherServer.reply(query, Rcode.NOERROR);
            for (int i = 0; i < 200; i++) {
                answer.addRecord(
                        new ARecord(
                                query.getQuestion().getName(), DClass.IN, 60, InetAddress.ofLiteral("192.0.2." + i)),
                        Section.ANSWER);
            }
            // It does not care what the client takes.
            return answer.toWire();
        });
        assertThat(network.dig("+ignore", "+noedns", "example.org")).contains("flags: qr tc rd ra;");
        assertThat(network.dig("+bufsize=1232", "example.org"))
                .contains("ANSWER: 200,")
                .contains("(TCP)");
        assertThat(network.dig("+ignore", "+bufsize=4096", "example.org"))
                .contains("ANSWER: 200,")
                .contains("(UDP)");
    }

    /** A server that says so itself is asked again by TCP, by the client that was told: it gets all there is. */
    @Test
    void whatAServerCutsShortIsAskedForByTcp() throws IOException {
        nodeAsks(FIRST);
        OtherServer other = onNode(FIRST, (query, stream) -> {
            if (stream) {
                return OtherServer.says("192.0.2.1").apply(query, stream);
            }
            Message answer = OtherServer.reply(query, Rcode.NOERROR);
            answer.getHeader().setFlag(Flags.TC);
            return answer.toWire();
        });
        assertThat(network.dig("+ignore", "example.org"))
                .contains("flags: qr tc")
                .contains("ANSWER: 0,");
        assertThat(network.dig("example.org"))
                .contains("192.0.2.1")
                .contains("ANSWER: 1,")
                .contains("(TCP)");
        assertThat(other.asked()).hasSize(3);
    }

    @Test
    void extensionsOfTheQueryPass() throws IOException {
        nodeAsks(FIRST);
        OtherServer other = onNode(FIRST, OtherServer.says("192.0.2.1"));
        assertThat(network.lookUp("+dnssec", "+bufsize=1400", "+subnet=198.51.100.0/24", "example.org"))
                .containsExactly("192.0.2.1");
        OPTRecord edns = other.asked().getFirst().getOPT();
        assertThat(edns).isNotNull();
        assertThat(edns.getPayloadSize()).isEqualTo(1400);
        assertThat(edns.getFlags()).isEqualTo(0x8000);
        assertThat(edns.getOptions(8)).hasSize(1);
    }

    @Test
    void forgedAnswersAreNotBelieved() throws IOException {
        nodeAsks(FIRST);
        // Before the true one: another id, another question, and the right answer from another address.
        onNode(FIRST, (query, stream) -> {
            Message answer = OtherServer.reply(query, Rcode.NOERROR);
            answer.addRecord(
                    new ARecord(query.getQuestion().getName(), DClass.IN, 60, InetAddress.ofLiteral("203.0.113.66")),
                    Section.ANSWER);
            byte[] forged = answer.toWire();
            InetSocketAddress client = others.getFirst().clients().getLast();
            send(forged, client, null);
            forged[0] ^= 1;
            send(forged, client, others.getFirst());
            forged[0] ^= 1;
            forged[13] ^= 1;
            send(forged, client, others.getFirst());
            return OtherServer.says("192.0.2.1").apply(query, stream);
        });
        assertThat(network.lookUp("example.org")).containsExactly("192.0.2.1");
    }

    private static void send(
            byte[] message, InetSocketAddress to, @org.jspecify.annotations.Nullable OtherServer from) {
        try {
            DatagramPacket packet = new DatagramPacket(message, message.length, to);
            if (from != null) {
                from.udp().send(packet);
                return;
            }
            try (DatagramSocket other = new DatagramSocket()) {
                other.send(packet);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void idsAndPortsAreOfOneQueryAlone() throws IOException {
        nodeAsks(FIRST);
        OtherServer other = onNode(FIRST, OtherServer.says("192.0.2.1"));
        for (int i = 0; i < 20; i++) {
            network.lookUp("+qid=7", "example.org");
        }
        Set<Integer> ids = new HashSet<>();
        Set<Integer> ports = new HashSet<>();
        other.asked().forEach(query -> ids.add(query.getHeader().getID()));
        other.clients().forEach(client -> ports.add(client.getPort()));
        assertThat(ids).hasSizeGreaterThan(15);
        assertThat(ports).hasSizeGreaterThan(15);
    }

    @Test
    void oneContainerDoesNotKeepOthersFromAsking() throws Exception {
        nodeAsks(FIRST);
        onNode(
                FIRST,
                (query, stream) -> query.getQuestion().getName().toString().startsWith("silent")
                        ? null
                        : OtherServer.says("192.0.2.1").apply(query, stream));
        DatagramSocket flood = network.inside(DatagramSocket::new);
        for (int i = 0; i < 2 * Forwarder.MAX; i++) {
            if (i % 50 == 0) {
                // No more than the socket's buffer holds.
                Thread.sleep(Duration.ofMillis(10));
            }
            byte[] query = question("silent" + i + ".example.org.");
            flood.send(new DatagramPacket(
                    query,
                    query.length,
                    InetAddress.ofLiteral("127.0.0.11"),
                    server.ports().udp()));
        }
        int refused = 0;
        flood.setSoTimeout(1000);
        byte[] answer = new byte[512];
        try {
            while (true) {
                flood.receive(new DatagramPacket(answer, answer.length));
                assertThat(answer[3] & 0xf).isEqualTo(Rcode.REFUSED);
                refused++;
            }
        } catch (java.net.SocketTimeoutException e) {
            assertThat(refused).isPositive();
        }
        assertThat(dns.counts().forwarded()).isLessThanOrEqualTo(Forwarder.MAX / 2);
        try (SandboxNetwork other = SandboxNetwork.open();
                DnsSandbox second = dns.open(other.namespace(), null, view(true))) {
            other.redirect(second.ports());
            assertThat(other.lookUp("example.org")).containsExactly("192.0.2.1");
        }
        flood.close();
    }

    private static byte[] question(String name) throws IOException {
        Message query = Message.newQuery(
                org.xbill.DNS.Record.newRecord(org.xbill.DNS.Name.fromString(name), org.xbill.DNS.Type.A, DClass.IN));
        query.getHeader().setFlag(Flags.RD);
        return query.toWire();
    }
}
