package io.longshore.agent.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Queries per second that one sandbox is answered by UDP on port 53, as dnsperf counts them: {@code DnsThroughput [seconds] [clients]}. Run it
 * as root. The same dnsperf in the network namespace of a container of Docker Engine gives what to compare with.
 */
final class DnsThroughput {
    private DnsThroughput() {}

    public static void main(String[] arguments) throws IOException {
        String seconds = arguments.length > 0 ? arguments[0] : "5";
        String clients = arguments.length > 1 ? arguments[1] : "1";
        Path questions = Files.createTempFile("questions", ".txt");
        NetworkNames names = new NetworkNames();
        DnsView view = new DnsView(List.of(new DnsView.Network("n1", "front", Map.of())), List.of(), false, false);
        try (SandboxNetwork network = SandboxNetwork.open();
                EmbeddedDns dns = EmbeddedDns.start(SandboxNetwork.KERNEL, names, Path.of("/etc/resolv.conf"));
                DnsSandbox server = dns.open(network.namespace(), null, view)) {
            network.redirect(server.ports());
            names.put("n1", "e1", List.of("web"), List.of(InetAddress.ofLiteral("10.1.0.2")));
            Files.writeString(questions, "web A\n");
            String[] command = {
                "dnsperf", "-s", "127.0.0.11", "-d", questions.toString(), "-l", seconds, "-c", clients, "-q", "100"
            };
            // The first run is for the compiler.
            network.run(command);
            System.out.print(network.run(command));
        } finally {
            Files.delete(questions);
        }
    }
}
