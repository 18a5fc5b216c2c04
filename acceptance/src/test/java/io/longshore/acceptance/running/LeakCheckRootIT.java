package io.longshore.acceptance.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The leak check finds what somebody left: each of its looks can fail. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.longshore.acceptance.running.Form#picked")
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(providers = OwnThread.class)
@ExtendWith(RunningEngines.class)
class LeakCheckRootIT {
    private static final String NOBODY = "ab".repeat(32);
    private static final String INTERFACE = "lsababababzzzzz";
    private static final String BRIDGE = "br-left";

    @Parameter
    @SuppressWarnings("NullAway.Init")
    Form form;

    @SuppressWarnings("NullAway.Init")
    Longshore longshore;

    private String container = "";

    @BeforeEach
    void start(RunningEngines.Started engines) throws IOException {
        assumeTrue(form.longshore(), "about Longshore");
        longshore = (Longshore) engines.of(form);
        String ports = "{\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"\"}]}}";
        container = longshore
                .call(Request.post(
                        "/containers/create",
                        "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"3600\"],\"HostConfig\":" + ports + "}"))
                .expect(201)
                .json()
                .path("Id")
                .asString();
        longshore.call(Request.post("/containers/" + container + "/start")).expect(204);
        LeakCheck.check(longshore);
    }

    @AfterEach
    void remove() {
        if (longshore != null) {
            longshore.call(Request.delete("/containers/" + container + "?force=1"));
            LeakCheck.check(longshore);
        }
    }

    /** What is wrong at once, by kind. */
    private Set<String> wrong() {
        return LeakCheck.all(longshore).all().keySet();
    }

    private static void run(String command) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0)
                .as("%s: %s", command, said)
                .isTrue();
    }

    private String bridge() {
        return longshore
                .call(Request.get("/networks/bridge"))
                .json()
                .path("Options")
                .path("com.docker.network.bridge.name")
                .asString();
    }

    private long pid() {
        return longshore
                .call(Request.get("/containers/" + container + "/json"))
                .json()
                .path("State")
                .path("Pid")
                .asLong();
    }

    @Test
    void interfacesAndBridges() throws Exception {
        run("ip link add " + INTERFACE + " type veth peer name left0");
        assertThat(wrong()).contains("interfaces of no endpoint");
        run("ip link set " + INTERFACE + " master " + bridge());
        assertThat(wrong()).contains("interfaces of endpoints").doesNotContain("interfaces of no endpoint");
        run("ip link delete " + INTERFACE);
        run("ip link add " + BRIDGE + " type bridge && ip link set " + BRIDGE + " alias 'longshore network " + NOBODY
                + "'");
        assertThat(wrong()).contains("bridges");
        run("ip link delete " + BRIDGE);
    }

    @Test
    void addressesInSandboxes() throws Exception {
        String inside = "nsenter --net=/proc/" + pid() + "/ns/net ip addr ";
        run(inside + "add 10.99.99.99/24 dev eth0");
        assertThat(wrong()).contains("addresses in " + container.substring(0, 8));
        run(inside + "del 10.99.99.99/24 dev eth0");
    }

    /** The agent makes its table anew as soon as somebody changes it: so what is implied is wrong here. */
    @Test
    void rulesAndPorts() {
        Differences wrong = new Differences();
        PublishedPorts.compare(longshore, Set.of(), Set.of(), wrong);
        assertThat(wrong.all().keySet())
                .containsExactlyInAnyOrder(
                        "translated ports", "bridges in the set of nftables", "ports bound by the agent");
    }

    @Test
    void sandboxes() throws Exception {
        Path namespace = Files.createFile(longshore.agentRun().resolve("netns").resolve(NOBODY));
        Path record = Files.createFile(longshore.agentRun().resolve("sandboxes").resolve(NOBODY + ".tmp"));
        assertThat(wrong()).contains("network namespaces", "records of sandboxes");
        Files.delete(namespace);
        Files.delete(record);
    }

    @Test
    void rows() {
        longshore.rows("with made as (insert into network.lease (network, address, container, generation)"
                + " select id, '10.99.99.99', '" + NOBODY
                + "', 1 from network.network where name = 'bridge' returning 1)"
                + " select count(*) from made");
        assertThat(wrong()).contains("addresses that are given out");
        longshore.rows("with gone as (delete from network.lease where container = '" + NOBODY + "' returning 1)"
                + " select count(*) from gone");
    }

    @Test
    void content() throws IOException {
        Path blob = Files.createFile(longshore.work().resolve("content/sha256").resolve(NOBODY));
        assertThat(wrong()).contains("blobs", "blobs that are not what their digest says");
        Files.delete(blob);
    }
}
