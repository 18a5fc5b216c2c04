package io.longshore.agent.dns;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What the embedded DNS server does on this machine: {@code DnsThroughput [seconds]}, as root. Queries per second are dnsperf's, by UDP to port
 * 53 of one sandbox, for a name of the network, and for names that a server on loopback is asked for. The same dnsperf in the network namespace
 * of a container of Docker Engine gives what to compare with.
 */
final class DnsThroughput {
    private static final String OTHER = "127.77.0.1";
    private static final int SANDBOXES = 1000;

    private DnsThroughput() {}

    public static void main(String[] arguments) throws IOException {
        String seconds = arguments.length > 0 ? arguments[0] : "5";
        Path directory = Files.createTempDirectory("dns");
        Path resolvConf = Files.writeString(directory.resolve("resolv.conf"), "nameserver " + OTHER + "\n");
        Path local = Files.writeString(directory.resolve("local"), "web A\n");
        Path foreign = Files.writeString(directory.resolve("foreign"), "www.example.org A\n");
        NetworkNames names = new NetworkNames();
        names.put("n1", "e1", List.of("web"), List.of(InetAddress.ofLiteral("10.1.0.2")));
        try (SandboxNetwork network = SandboxNetwork.open();
                EmbeddedDns dns = EmbeddedDns.start(SandboxNetwork.KERNEL, names, resolvConf);
                DnsSandbox server = dns.open(network.namespace(), null, view());
                OtherServer onNode = OtherServer.open(OTHER, OtherServer.says("192.0.2.1"));
                OtherServer inside = network.inside(() -> OtherServer.open(OTHER, OtherServer.says("192.0.2.2")))) {
            network.redirect(server.ports());
            measure("a name of the network", network, local, seconds);
            measure("asked from the node", network, foreign, seconds);
            server.view(view(OTHER));
            measure("asked from the sandbox", network, foreign, seconds);
            System.out.printf(
                    "asked: %d and %d%n", onNode.asked().size(), inside.asked().size());
            onNode.asked().clear();
            inside.asked().clear();
            memory(dns, network);
        }
    }

    private static DnsView view(String... servers) {
        return new DnsView(
                List.of(new DnsView.Network("n1", "front", Map.of())),
                List.of(servers).stream().map(InetAddress::ofLiteral).toList(),
                true,
                false);
    }

    private static void measure(String what, SandboxNetwork network, Path questions, String seconds) {
        String[] command = {"dnsperf", "-s", "127.0.0.11", "-d", questions.toString(), "-l", seconds, "-q", "100"};
        // The first run is for the compiler.
        network.run(command);
        String said = network.run(command);
        System.out.printf(
                "%s: %s/s, %s lost%n", what, figure(said, "per second: +([\\d.]+)"), figure(said, "lost: +(\\d+)"));
    }

    private static String figure(String text, String pattern) {
        var matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? matcher.group(1) : text;
    }

    private static void memory(EmbeddedDns dns, SandboxNetwork network) throws IOException {
        List<DnsSandbox> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            many.add(dns.open(network.namespace(), null, view()));
        }
        long heap = heap();
        long resident = resident();
        long began = System.nanoTime();
        for (int i = 0; i < SANDBOXES; i++) {
            many.add(dns.open(network.namespace(), null, view()));
        }
        long micros = (System.nanoTime() - began) / 1000 / SANDBOXES;
        System.out.printf(
                "a sandbox: %d us to open, %d bytes of heap, %d KB resident%n",
                micros, (heap() - heap) / SANDBOXES, (resident() - resident) / SANDBOXES);
        many.forEach(DnsSandbox::close);
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
