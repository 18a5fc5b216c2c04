package io.longshore.agent.networkdriver.bridge;

import static io.longshore.agent.networkdriver.bridge.BridgeHost.endpoint;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.network;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.port;
import static io.longshore.agent.networkdriver.bridge.BridgeHost.spec;

import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.id.ContainerId;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Prints what joining, leaving and publishing cost on this machine; run in a network of its own, as root. */
final class BridgeFigures {
    private BridgeFigures() {}

    /** A step to be measured. */
    private interface Step {
        void run(int number) throws Exception;
    }

    @SuppressWarnings("SystemOut")
    private static void measure(String what, int times, Step step) throws Exception {
        long[] nanos = new long[times];
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            step.run(i);
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        System.out.printf(
                "%-52s median %7.2f ms, p90 %7.2f ms%n", what, nanos[times / 2] / 1e6, nanos[times * 9 / 10] / 1e6);
    }

    public static void main(String[] arguments) throws Exception {
        try (BridgeHost host = new BridgeHost(Files.createTempDirectory(Path.of("/run"), "bridge-figures"))) {
            NetworkSpec network = network(1);
            NetworkSpec second = network(2);
            host.sandboxes.create(network);
            host.sandboxes.create(second);
            for (int round = 0; round < 3; round++) {
                List<ContainerId> ids = ids(100);
                Step join = i -> host.sandboxes.join(spec(ids.get(i), List.of(endpoint(network, 2 + i))));
                Step leave = i -> host.sandboxes.leave(ids.get(i));
                measure("join, one after the other", 100, join);
                measure("leave", 100, leave);
                measure("join and leave, prepared namespaces", 50, i -> {
                    Thread.sleep(20);
                    long start = System.nanoTime();
                    join.run(i);
                    long middle = System.nanoTime();
                    leave.run(i);
                    WAITED.add(new long[] {middle - start, System.nanoTime() - middle});
                });
            }
            prepared();
            together(host, network);
            firstConnection(host, network);
            published(host, network);
            measure("network create and delete", 30, i -> {
                host.sandboxes.create(network(10 + i));
                host.sandboxes.remove(network(10 + i).id());
            });
            ContainerId id = ContainerId.random();
            host.sandboxes.join(spec(id, List.of(endpoint(network, 2))));
            measure("connect and disconnect", 30, i -> {
                host.sandboxes.change(spec(id, List.of(endpoint(network, 2), endpoint(second, 2))));
                host.sandboxes.change(spec(id, List.of(endpoint(network, 2))));
            });
            host.sandboxes.leave(id);
            host.sandboxes.remove(network.id());
            host.sandboxes.remove(second.id());
        }
        System.exit(0);
    }

    private static final List<long[]> WAITED = new ArrayList<>();

    @SuppressWarnings("SystemOut")
    private static void prepared() {
        List<long[]> last = WAITED.subList(WAITED.size() - 50, WAITED.size());
        long[] joins = last.stream().mapToLong(each -> each[0]).sorted().toArray();
        long[] leaves = last.stream().mapToLong(each -> each[1]).sorted().toArray();
        System.out.printf("join of a prepared namespace: %.2f ms, leave %.2f ms%n", joins[25] / 1e6, leaves[25] / 1e6);
    }

    private static List<ContainerId> ids(int count) {
        List<ContainerId> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(ContainerId.random());
        }
        return ids;
    }

    @SuppressWarnings("SystemOut")
    private static void together(BridgeHost host, NetworkSpec network) throws Exception {
        List<ContainerId> ids = ids(240);
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(32)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < ids.size(); i++) {
                int number = i;
                all.add(threads.submit(() -> {
                    host.sandboxes.join(spec(ids.get(number), List.of(endpoint(network, 2 + number))));
                    host.sandboxes.leave(ids.get(number));
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        System.out.printf("32 at once: %.0f joins and leaves a second%n", 240e9 / (System.nanoTime() - start));
    }

    private static void firstConnection(BridgeHost host, NetworkSpec network) throws Exception {
        try (ServerSocketChannel _ = Talk.serve(null, 82)) {
            measure("join, first connection to the node, leave", 50, i -> {
                ContainerId id = ContainerId.random();
                host.sandboxes.join(spec(id, List.of(endpoint(network, 2 + i))));
                try (NetworkNamespace inside = NetworkNamespace.open(
                                host.syscalls,
                                Path.of(host.run.toString(), "netns", id.value())
                                        .toString());
                        SocketChannel client = inside.inside(SocketChannel::open)) {
                    client.connect(new InetSocketAddress(Cidr.address("10.0.1.1"), 82));
                }
                host.sandboxes.leave(id);
            });
        }
    }

    private static void published(BridgeHost host, NetworkSpec network) throws Exception {
        List<ContainerId> ids = ids(1000);
        for (int from = 0; from < 1000; from += 250) {
            int base = from;
            measure("join with a published port, after " + from, 250, i -> {
                int number = base + i;
                Port port = port(80, "tcp", "", 10000 + number, 10000 + number);
                host.sandboxes.join(spec(ids.get(number), List.of(endpoint(network, 2 + number % 250)), port));
            });
        }
        measure("leave with a published port", 1000, i -> host.sandboxes.leave(ids.get(i)));
        Port[] ports = new Port[1000];
        for (int i = 0; i < ports.length; i++) {
            ports[i] = port(1000 + i, "tcp", "", 10000 + i, 10000 + i);
        }
        ContainerId one = ContainerId.random();
        measure(
                "join with 1,000 published ports",
                1,
                i -> host.sandboxes.join(spec(one, List.of(endpoint(network, 3)), ports)));
        measure("leave with 1,000 published ports", 1, i -> host.sandboxes.leave(one));
    }
}
