package io.longshore.acceptance.running;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.JoinedNode;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Program;
import io.longshore.testbed.process.Trees;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A fleet of two nodes with drivers of their own, {@code ship} here and another in a network namespace, a cable between them, a system registry and
 * the image {@code busybox}. Its maker has it to himself, and closes it.
 */
public final class TwoNodes implements AutoCloseable {
    private static final long PID = ProcessHandle.current().pid();

    private final String other;
    private final int index;
    private final @Nullable String jars;
    private final Path directory;
    private Standalone first;
    private JoinedNode second;
    private DebianRegistry registry;

    @SuppressWarnings("NullAway.Init") // set by start, before anybody has it
    private TwoNodes(String other, int index, @Nullable String jars) throws IOException {
        this.other = other;
        this.index = index;
        this.jars = jars;
        this.directory = Files.createTempDirectory("longshore-two-nodes-");
    }

    /**
     * Starts it.
     *
     * @param other the second node's host name, of at most 5 letters
     * @param index below 4, another one for each fleet of a JVM
     */
    public static TwoNodes start(String other, int index) throws IOException {
        return start(other, index, null);
    }

    /** The same with another build of Longshore on the second node, which has that class path; null for none. */
    public static TwoNodes start(String other, int index, @Nullable String jars) throws IOException {
        assertThat(System.getProperty("user.name")).as("root tests need root").isEqualTo("root");
        TwoNodes nodes = new TwoNodes(other, index, jars);
        try {
            nodes.start();
            return nodes;
        } catch (IOException | RuntimeException | Error e) {
            try {
                nodes.close();
            } catch (RuntimeException | Error left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    private void start() throws IOException {
        layCable();
        registry = DebianRegistry.start(
                directory.resolve("registry"), new DebianRegistry.Options(address(), false, null, null), null);
        String fleet = address() + ":" + freePort();
        first = Standalone.start(
                firstHome(),
                Map.of(
                        "LONGSHORE_LISTEN_FLEET",
                        fleet,
                        "LONGSHORE_AGENT_NODENAME",
                        "ship",
                        "LONGSHORE_AGENT_DATAADDRESS",
                        address(),
                        "LONGSHORE_NETWORK_OVERLAY_PORT",
                        String.valueOf(4789 + index),
                        "LONGSHORE_IMAGE_REGISTRY_INSECURE",
                        address() + "/32",
                        "LONGSHORE_IMAGE_SYSTEMREGISTRY_ADDRESS",
                        registry.host()));
        String token = first.call(Request.post("/api/v1/join-tokens", "{}"))
                .expect(201)
                .json()
                .path("token")
                .asString();
        second = join("--server", fleet, "--name", other, "--listen", otherAddress() + ":2378", "--token", token);
        await(
                other + " is ready",
                () -> docker("node ls --format {{.Hostname}}={{.Status}}").out().contains(other + "=Ready"));
        first.call(Request.postTar("/images/load?quiet=1", Busybox.image().archive()))
                .expect(200);
        // What takes containers is known for a second.
        await(
                other + " takes containers",
                () -> docker("create --name probe --network none " + on(other) + " busybox true")
                                .code()
                        == 0);
        ok("rm probe");
    }

    private JoinedNode join(String... arguments) {
        Path network = Path.of("/run/netns", namespace());
        return jars == null
                ? JoinedNode.join(network, secondHome(), arguments)
                : JoinedNode.joinWith(jars, network, secondHome(), arguments);
    }

    private String namespace() {
        return "longshore-" + other + "-" + PID;
    }

    private String link() {
        return other + PID;
    }

    /** Of {@code ship}; of a range for tests of networks (RFC 2544). */
    public String address() {
        return "198.18." + PID % 250 + "." + (4 * index + 1);
    }

    /** Of the other node. */
    public String otherAddress() {
        return "198.18." + PID % 250 + "." + (4 * index + 2);
    }

    /** The directory of the first node. */
    public Path firstHome() {
        return directory.resolve(2 * index + 1 + "-first");
    }

    /** The directory of the other node. */
    public Path secondHome() {
        return directory.resolve(2 * index + 2 + "-second");
    }

    /** The system registry. */
    public DebianRegistry registry() {
        return registry;
    }

    /** The first node, whose socket is the fleet's. */
    public Standalone first() {
        return first;
    }

    /** The other node. */
    public JoinedNode second() {
        return second;
    }

    private void layCable() {
        for (String line : List.of(
                "netns add " + namespace(),
                "link add " + link() + " type veth peer name eth0 netns " + namespace(),
                "address add " + address() + "/30 dev " + link(),
                "link set " + link() + " up",
                "-n " + namespace() + " address add " + otherAddress() + "/30 dev eth0",
                "-n " + namespace() + " link set lo up",
                "-n " + namespace() + " link set eth0 up",
                "-n " + namespace() + " route add default via " + address())) {
            shellOnly("ip " + line).ok();
        }
    }

    /** A port that nobody has at the moment. */
    public static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** The options that have a container on the node of that name. */
    public static String on(String node) {
        return "--label io.longshore.placement.constraint=node.hostname==" + node;
    }

    /** Words with spaces between them; what the shell makes of it, where {@code docker} is the fleet's. */
    public Program shell(String line) {
        return Program.run("sh", "-c", line.replace("docker ", "docker -H unix://" + first.socket() + " "));
    }

    /** What the shell makes of it. */
    public static Program shellOnly(String line) {
        return Program.run("sh", "-c", line);
    }

    /** What the docker command makes of it. */
    public Program docker(String line) {
        return shell("docker " + line);
    }

    /** The same of what succeeds: its output. */
    public String ok(String line) {
        return docker(line).ok().out();
    }

    /** Waits for a minute at most. */
    public static void await(String what, BooleanSupplier condition) {
        assertThat(Await.until(Duration.ofMinutes(1), condition)).as(what).isTrue();
    }

    /** Removes all containers, networks and volumes. */
    public void removeAll() {
        for (String id : docker("ps -aq").out().lines().toList()) {
            ok("rm -f -v " + id);
        }
        for (String network :
                docker("network ls -q --filter type=custom").out().lines().toList()) {
            ok("network rm " + network);
        }
        for (String volume : docker("volume ls -q").out().lines().toList()) {
            ok("volume rm " + volume);
        }
    }

    @Override
    public void close() {
        List<Exception> problems = new ArrayList<>();
        for (AutoCloseable one : new AutoCloseable[] {first, second, registry}) {
            try {
                if (one != null) {
                    one.close();
                }
            } catch (Exception e) {
                problems.add(e);
            }
        }
        shellOnly("ip netns delete " + namespace() + "; ip link delete " + link());
        Trees.delete(directory);
        assertThat(problems).isEmpty();
        assertThat(Path.of("/sys/class/net", link())).doesNotExist();
    }
}
