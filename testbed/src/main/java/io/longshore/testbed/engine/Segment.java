package io.longshore.testbed.engine;

import io.longshore.testbed.process.Program;
import java.nio.file.Path;
import java.util.List;

/**
 * One cable with machines on it: a bridge in this JVM's network, and a network namespace for each machine. Addresses are of a range for tests
 * of networks (RFC 2544).
 */
final class Segment implements AutoCloseable {
    private static final long PID = ProcessHandle.current().pid();
    private static final String BRIDGE = "cable" + PID;
    private static final String SUBNET = "198.19." + PID % 250 + ".";

    private final List<String> machines;

    /** Lays it. */
    Segment(List<String> machines) {
        this.machines = machines;
        ip("link add " + BRIDGE + " type bridge");
        ip("address add " + here() + "/24 dev " + BRIDGE);
        ip("link set " + BRIDGE + " up");
        for (String machine : machines) {
            ip("netns add " + namespace(machine));
            ip("link add " + port(machine) + " type veth peer name eth0 netns " + namespace(machine));
            ip("link set " + port(machine) + " master " + BRIDGE + " up");
            ip("-n " + namespace(machine) + " address add " + address(machine) + "/24 dev eth0");
            ip("-n " + namespace(machine) + " link set lo up");
            ip("-n " + namespace(machine) + " link set eth0 up");
            ip("-n " + namespace(machine) + " route add default via " + here());
        }
    }

    private static void ip(String arguments) {
        Program.run("sh", "-c", "ip " + arguments).ok();
    }

    private static String namespace(String machine) {
        return "longshore-" + machine + "-" + PID;
    }

    private static String port(String machine) {
        return machine + PID;
    }

    /** Where this JVM's network is on it. */
    String here() {
        return SUBNET + "1";
    }

    String address(String machine) {
        return SUBNET + (2 + machines.indexOf(machine));
    }

    /** The file of a machine's network namespace. */
    Path network(String machine) {
        return Path.of("/run/netns", namespace(machine));
    }

    /** From now on what it sends and is sent gets lost, and nobody is told. */
    void cut(String machine) {
        ip("link set " + port(machine) + " nomaster");
    }

    void mend(String machine) {
        ip("link set " + port(machine) + " master " + BRIDGE);
    }

    @Override
    public void close() {
        for (String machine : machines) {
            Program.run("ip", "netns", "delete", namespace(machine));
        }
        Program.run("ip", "link", "delete", BRIDGE);
    }
}
