package io.longshore.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** Servers that answer nonsense, too much or nothing, and clients that do not wait for it. */
class HostileServerRootIT {
    private static final String NODE_SERVER = "127.77.0.3";
    private static final DnsView EXTERNAL = new DnsView(List.of(), List.of(), true, false);

    @TempDir
    private Path etc;

    private final SandboxNetwork network = SandboxNetwork.open();
    private EmbeddedDns dns;
    private DnsSandbox server;

    @BeforeEach
    void open() throws IOException {
        Files.writeString(etc.resolve("resolv.conf"), "nameserver " + NODE_SERVER + "\n");
        dns = EmbeddedDns.start(SandboxNetwork.KERNEL, new NetworkNames(), etc.resolve("resolv.conf"));
        server = dns.open(network.namespace(), null, EXTERNAL);
        network.redirect(server.ports());
    }

    @AfterEach
    void close() {
        server.close();
        dns.close();
        network.close();
    }

    @Test
    void randomAnswers() throws IOException {
        Random random = new Random(20261128);
        try (OtherServer other = OtherServer.open(NODE_SERVER, (query, stream) -> {
            byte[] noise = new byte[random.nextInt(2000)];
            random.nextBytes(noise);
            if (random.nextBoolean() && noise.length > 40) {
                // Its header and question are right.
                byte[] start = OtherServer.reply(query, Rcode.NOERROR).toWire();
                System.arraycopy(start, 0, noise, 0, start.length);
                noise[7] = (byte) random.nextInt(256);
            }
            return noise;
        })) {
            for (int i = 0; i < 20; i++) {
                network.dig("+tcp", "+time=1", "www" + i + ".example.org");
                network.dig("+time=1", "+ignore", "www" + i + ".example.org");
            }
            assertThat(other.asked()).hasSizeGreaterThanOrEqualTo(40);
        }
        try (OtherServer sound = OtherServer.open(NODE_SERVER, OtherServer.says("192.0.2.1"))) {
            assertThat(network.lookUp("www.example.org")).containsExactly("192.0.2.1");
            assertThat(network.lookUp("www.example.org", "+tcp")).containsExactly("192.0.2.1");
            assertThat(sound.asked()).hasSize(2);
        }
    }

    @Test
    void anErrorWithoutTheQuestionReachesTheClient() throws IOException {
        try (OtherServer other = OtherServer.open(NODE_SERVER, (query, stream) -> {
            byte[] header = new byte[12];
            System.arraycopy(query.toWire(), 0, header, 0, 2);
            header[2] = (byte) 0x80;
            header[3] = Rcode.FORMERR;
            return header;
        })) {
            // A client that speaks EDNS sees that the server does not.
            assertThat(network.dig("+tries=1", "+nocookie", "www.example.org")).contains("FORMERR");
            assertThat(other.asked()).isNotEmpty();
        }
    }

    @Test
    void aSandboxThatGoesGivesItsPlacesBack() throws Exception {
        try (OtherServer silent = OtherServer.open(NODE_SERVER, (query, stream) -> null);
                DatagramSocket client = network.inside(DatagramSocket::new)) {
            for (int round = 1; round <= 3; round++) {
                flood(client);
                assertThat(dns.counts().forwarded()).isEqualTo((long) round * Forwarder.MAX / 2);
                assertThat(server.exchanges()).hasSize(Forwarder.MAX / 2);
                server.close();
                assertThat(server.exchanges()).isEmpty();
                server = dns.open(network.namespace(), server.ports(), EXTERNAL);
            }
            assertThat(silent.asked()).isNotEmpty();
        }
    }

    private void flood(DatagramSocket client) throws IOException, InterruptedException {
        for (int i = 0; i < Forwarder.MAX; i++) {
            byte[] query = Message.newQuery(
                            Record.newRecord(Name.fromString("w" + i + ".example.org."), Type.A, DClass.IN))
                    .toWire();
            client.send(new DatagramPacket(
                    query,
                    query.length,
                    InetAddress.ofLiteral("127.0.0.11"),
                    server.ports().udp()));
            if (i % 50 == 0) {
                // No more than the socket's buffer holds.
                Thread.sleep(Duration.ofMillis(10));
            }
        }
        for (int i = 0; i < 20 && server.exchanges().size() < Forwarder.MAX / 2; i++) {
            Thread.sleep(Duration.ofMillis(100));
        }
    }
}
