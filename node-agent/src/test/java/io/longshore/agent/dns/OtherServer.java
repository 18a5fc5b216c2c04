package io.longshore.agent.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** A DNS server on port 53 that answers what a test has it answer, one query after the other. */
final class OtherServer implements AutoCloseable {
    /** What it says; null is nothing. */
    interface Rule extends BiFunction<Message, Boolean, byte @Nullable []> {}

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Rule rule;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Message> asked = Collections.synchronizedList(new ArrayList<>());
    private final List<InetSocketAddress> clients = Collections.synchronizedList(new ArrayList<>());

    private OtherServer(DatagramSocket udp, ServerSocket tcp, Rule rule) {
        this.udp = udp;
        this.tcp = tcp;
        this.rule = rule;
    }

    /** In the calling thread's network namespace. The rule's second argument is whether the query came by TCP. */
    static OtherServer open(String address, Rule rule) throws IOException {
        InetAddress local = InetAddress.ofLiteral(address);
        OtherServer server = new OtherServer(
                new DatagramSocket(new InetSocketAddress(local, 53)), new ServerSocket(53, 50, local), rule);
        server.threads.add(Thread.ofPlatform().daemon().start(server::serveDatagrams));
        server.threads.add(Thread.ofPlatform().daemon().start(server::serveConnections));
        return server;
    }

    /** Answers any A question with this address. */
    static Rule says(String address) {
        return (query, stream) -> {
            Message answer = reply(query, Rcode.NOERROR);
            Record question = query.getQuestion();
            answer.addRecord(
                    new ARecord(question.getName(), DClass.IN, 60, InetAddress.ofLiteral(address)), Section.ANSWER);
            return answer.toWire();
        };
    }

    static Rule fails(int rcode) {
        return (query, stream) -> reply(query, rcode).toWire();
    }

    static Message reply(Message query, int rcode) {
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        answer.getHeader().setRcode(rcode);
        answer.addRecord(query.getQuestion(), Section.QUESTION);
        return answer;
    }

    List<Message> asked() {
        return asked;
    }

    List<InetSocketAddress> clients() {
        return clients;
    }

    /** The socket it answers from. */
    DatagramSocket udp() {
        return udp;
    }

    private void serveDatagrams() {
        byte[] buffer = new byte[65_535];
        while (!udp.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                udp.receive(packet);
                clients.add((InetSocketAddress) packet.getSocketAddress());
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()), false);
                if (answer != null) {
                    udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                // The test is over, or the client has gone.
            }
        }
    }

    private void serveConnections() {
        while (!tcp.isClosed()) {
            try (Socket client = tcp.accept()) {
                DataInputStream in = new DataInputStream(client.getInputStream());
                byte[] answer = answer(in.readNBytes(in.readUnsignedShort()), true);
                if (answer != null) {
                    DataOutputStream out = new DataOutputStream(client.getOutputStream());
                    out.writeShort(answer.length);
                    out.write(answer);
                    out.flush();
                }
            } catch (IOException e) {
                // The test is over, or the client has gone.
            }
        }
    }

    private byte @Nullable [] answer(byte[] wire, boolean stream) throws IOException {
        Message query = new Message(wire);
        asked.add(query);
        return rule.apply(query, stream);
    }

    /** When this returns the port is free: a thread that waits on a socket keeps it until it has noticed. */
    @Override
    public void close() {
        udp.close();
        try {
            tcp.close();
            for (Thread thread : threads) {
                thread.join(Duration.ofSeconds(5));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
