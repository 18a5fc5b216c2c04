package io.longshore.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What a container can do to the server with sockets. After each of it, another sandbox is answered. */
class HostileClientRootIT {
    private static final InetAddress SERVER = InetAddress.ofLiteral("127.0.0.11");

    @TempDir
    private Path etc;

    private final NetworkNames names = new NetworkNames();
    private final SandboxNetwork network = SandboxNetwork.open();
    private final SandboxNetwork neighbour = SandboxNetwork.open();
    private EmbeddedDns dns;
    private DnsSandbox server;
    private DnsSandbox other;

    @BeforeEach
    void open() {
        dns = EmbeddedDns.start(SandboxNetwork.KERNEL, names, etc.resolve("resolv.conf"));
        DnsView view = new DnsView(List.of(new DnsView.Network("n", "front", Map.of())), List.of(), false, false);
        server = dns.open(network.namespace(), null, view);
        other = dns.open(neighbour.namespace(), null, view);
        neighbour.redirect(other.ports());
        names.put("n", "e", List.of("web"), List.of(InetAddress.ofLiteral("10.1.0.2")));
    }

    @AfterEach
    void close() {
        assertThat(neighbour.lookUp("web")).containsExactly("10.1.0.2");
        assertThat(neighbour.lookUp("web", "+tcp")).containsExactly("10.1.0.2");
        server.close();
        other.close();
        dns.close();
        network.close();
        neighbour.close();
    }

    private static byte[] question(String name, int id) throws IOException {
        Message query = Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN));
        query.getHeader().setID(id);
        return query.toWire();
    }

    private Socket connect() {
        return network.inside(() -> {
            Socket socket = new Socket(SERVER, server.ports().tcp());
            socket.setSoTimeout(15_000);
            return socket;
        });
    }

    private static Message ask(Socket socket, byte[] query) throws IOException {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeShort(query.length);
        out.write(query);
        out.flush();
        return receive(socket);
    }

    private static Message receive(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        return new Message(in.readNBytes(in.readUnsignedShort()));
    }

    @Test
    void randomDatagrams() throws Exception {
        Random random = new Random(20261128);
        try (DatagramSocket socket = network.inside(DatagramSocket::new)) {
            socket.setSendBufferSize(1 << 20);
            for (int i = 0; i < 20_000; i++) {
                byte[] noise = new byte[random.nextInt(i % 100 == 0 ? 60_000 : 300)];
                random.nextBytes(noise);
                if (noise.length > 12 && i % 2 == 0) {
                    System.arraycopy(question("web.", i & 0xffff), 0, noise, 0, 12);
                }
                socket.send(new DatagramPacket(
                        noise, noise.length, SERVER, server.ports().udp()));
            }
            // The socket's buffer was full, and refusals of what was a query by accident come first: ask until it has
            // caught up.
            socket.setSoTimeout(1000);
            byte[] query = question("web.", 4242);
            int asked = 0;
            do {
                assertThat(asked++).isLessThan(10);
                socket.send(new DatagramPacket(
                        query, query.length, SERVER, server.ports().udp()));
            } while (!answered(socket, 4242));
        }
    }

    private static boolean answered(DatagramSocket socket, int id) throws IOException {
        DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
        try {
            do {
                socket.receive(answer);
            } while (ByteBuffer.wrap(answer.getData()).getShort(0) != id);
            return new Message(ByteBuffer.wrap(answer.getData(), 0, answer.getLength()))
                            .getSection(Section.ANSWER)
                            .size()
                    == 1;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    @Test
    void answersAreNotAnswered() throws Exception {
        try (DatagramSocket socket = network.inside(DatagramSocket::new)) {
            byte[] answer = question("web.", 1);
            answer[2] |= (byte) 0x80;
            socket.send(new DatagramPacket(
                    answer, answer.length, SERVER, server.ports().udp()));
            socket.setSoTimeout(300);
            assertThat(received(socket)).isFalse();
        }
    }

    private static boolean received(DatagramSocket socket) throws IOException {
        try {
            socket.receive(new DatagramPacket(new byte[512], 512));
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    @Test
    void moreConnectionsThanASandboxMayHave() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < TcpServer.MAX_PER_SANDBOX; i++) {
            sockets.add(connect());
            assertThat(ask(sockets.getLast(), question("web.", i)).getSection(Section.ANSWER))
                    .hasSize(1);
        }
        try (Socket surplus = connect()) {
            assertThat(surplus.getInputStream().read()).isEqualTo(-1);
        }
        sockets.removeFirst().close();
        for (int i = 0; i < 50 && server.sessions().size() == TcpServer.MAX_PER_SANDBOX; i++) {
            Thread.sleep(100);
        }
        try (Socket next = connect()) {
            assertThat(ask(next, question("web.", 7)).getSection(Section.ANSWER))
                    .hasSize(1);
        }
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void aConnectionThatSaysNothingIsClosed() throws IOException {
        try (Socket idle = connect();
                Socket slow = connect()) {
            slow.getOutputStream().write(0);
            long began = System.nanoTime();
            assertThat(idle.getInputStream().read()).isEqualTo(-1);
            assertThat(slow.getInputStream().read()).isEqualTo(-1);
            assertThat(System.nanoTime() - began).isGreaterThan(TcpServer.IDLE_NANOS / 2);
        }
    }

    @Test
    void aMessageThatIsTooLongOrNoneEndsTheConnection() throws IOException {
        try (Socket huge = connect();
                Socket noise = connect()) {
            huge.getOutputStream().write(new byte[] {(byte) 0xff, (byte) 0xff, 1, 2, 3});
            assertThat(huge.getInputStream().read()).isEqualTo(-1);
            noise.getOutputStream().write(new byte[] {0, 3, 1, 2, 3});
            assertThat(noise.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void queriesFollowEachOtherOnAConnection() throws IOException {
        try (Socket socket = connect()) {
            ByteBuffer all = ByteBuffer.allocate(64_000);
            for (int i = 0; i < 100; i++) {
                byte[] query = question("web.", i);
                all.putShort((short) query.length).put(query);
            }
            // In pieces that end within messages.
            byte[] bytes = new byte[all.position()];
            all.flip().get(bytes);
            for (int at = 0; at < bytes.length; at += 37) {
                socket.getOutputStream().write(bytes, at, Math.min(37, bytes.length - at));
            }
            for (int i = 0; i < 100; i++) {
                Message answer = receive(socket);
                assertThat(answer.getHeader().getID()).isEqualTo(i);
                assertThat(answer.getSection(Section.ANSWER)).hasSize(1);
            }
        }
    }

    @Test
    void aClientThatDoesNotReadIsNotBufferedForEver() throws Exception {
        for (int i = 0; i < 1000; i++) {
            names.put(
                    "n",
                    "r" + i,
                    List.of("service"),
                    List.of(InetAddress.ofLiteral("10.1." + i / 250 + "." + i % 250)));
        }
        byte[] query = question("service.", 1);
        byte[] frame = ByteBuffer.allocate(query.length + 2)
                .putShort((short) query.length)
                .put(query)
                .array();
        try (Socket socket = connect()) {
            // Each answer has 16 KB: what neither side's kernel takes is not read any more, and the connection ends for
            // want of progress.
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    while (true) {
                        socket.getOutputStream().write(frame);
                    }
                } catch (IOException e) {
                    // Closed by the server, or by the test.
                    return;
                }
            });
            long began = System.nanoTime();
            while (!server.sessions().isEmpty() && System.nanoTime() - began < 2 * TcpServer.IDLE_NANOS) {
                Thread.sleep(100);
            }
            assertThat(server.sessions()).isEmpty();
        }
    }

    @Test
    void manySandboxesTakeNoThreads() {
        long before = threads();
        List<DnsSandbox> many = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            many.add(dns.open(network.namespace(), null, server.view()));
        }
        assertThat(threads()).isLessThanOrEqualTo(before + 2);
        network.redirect(many.getLast().ports());
        assertThat(network.lookUp("web")).containsExactly("10.1.0.2");
        many.forEach(DnsSandbox::close);
        many.forEach(DnsSandbox::close);
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("(embedded-dns|dns-).*"))
                .count();
    }
}
