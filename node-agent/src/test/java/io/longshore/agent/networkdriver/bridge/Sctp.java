package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.NetworkNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** First packets of SCTP (INIT, RFC 9260 3.3.2) by raw sockets: neither Java nor every kernel has sockets of that protocol. */
final class Sctp implements AutoCloseable {
    private static final String HEAR = """
            use Socket; $| = 1;
            socket(my $raw, AF_INET, SOCK_RAW, 132) or die $!;
            print "listens\\n";
            while (recv($raw, my $packet, 2048, 0)) {
              my $sctp = substr($packet, 4 * (ord($packet) & 15));
              print inet_ntoa(substr($packet, 12, 4)), " ", unpack("x2n", $sctp), "\\n";
            }
            """;

    /** Connection tracking takes none whose checksum (CRC32c) is wrong. */
    private static final String SAY = """
            use Socket;
            my ($address, $port) = @ARGV;
            my $packet = pack("nnNN", 4000, $port, 0, 0) . pack("CCnNNnnN", 1, 0, 20, 1, 65535, 1, 1, 1);
            my $sum = 0xffffffff;
            for my $byte (unpack("C*", $packet)) {
              $sum ^= $byte;
              for (1 .. 8) { $sum = $sum & 1 ? ($sum >> 1) ^ 0x82f63b78 : $sum >> 1; }
            }
            substr($packet, 8, 4) = pack("V", $sum ^ 0xffffffff);
            socket(my $raw, AF_INET, SOCK_RAW, 132) or die $!;
            send($raw, $packet, 0, sockaddr_in(0, inet_aton($address))) or die $!;
            """;

    private final Process process;
    private final BufferedReader heard;

    private Sctp(Process process) {
        this.process = process;
        this.heard = process.inputReader();
    }

    /** Hears all of it that comes into a namespace. */
    static Sctp listen(NetworkNamespace where) throws IOException {
        Sctp listening = new Sctp(where.inside(() -> new ProcessBuilder("perl", "-e", HEAR)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()));
        if (!"listens".equals(listening.heard.readLine())) {
            throw new IOException("perl does not listen");
        }
        return listening;
    }

    static void send(NetworkNamespace from, String address, int port) throws IOException, InterruptedException {
        Process process = from.inside(() -> new ProcessBuilder("perl", "-e", SAY, address, Integer.toString(port))
                .inheritIO()
                .start());
        if (process.waitFor() != 0) {
            throw new IOException("perl does not send to " + address);
        }
    }

    /** Who sent the next one to which port; null if none comes. */
    @Nullable
    String heard() throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (!heard.ready() && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        return heard.ready() ? heard.readLine() : null;
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        heard.close();
    }
}
