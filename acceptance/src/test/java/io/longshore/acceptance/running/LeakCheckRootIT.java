package io.longshore.acceptance.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.process.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The leak check finds what somebody left, of most kinds: not tried are rows that the services' own constraints would refuse, and what of images
 * and volumes is missing.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("io.longshore.acceptance.running.Form#picked")
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(providers = OwnThread.class)
@ExtendWith(RunningEngines.class)
class LeakCheckRootIT {
    private static final String NOBODY = "ab".repeat(32);
    private static final String INTERFACE = "lsababababzzzzz";
    private static final String BRIDGE = "br-left";
    private static final JsonMapper JSON = JsonMapper.builder().build();

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

    /** What is wrong at once, of this kind. */
    private Set<String> wrong(String kind) {
        return LeakCheck.all(longshore).all().getOrDefault(kind, Set.of());
    }

    private void found(Path left, String... kinds) {
        assertThat(LeakCheck.all(longshore).all().keySet()).as(left.toString()).contains(kinds);
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
    void interfacesAndBridges() {
        String held = NOBODY.substring(0, 8) + " on " + bridge();
        try {
            Program.run("ip", "link", "add", INTERFACE, "type", "veth", "peer", "name", "left0")
                    .ok();
            assertThat(wrong("interfaces of no endpoint")).contains(INTERFACE);
            Program.run("ip", "link", "set", INTERFACE, "master", bridge()).ok();
            assertThat(wrong("interfaces of endpoints")).containsExactly(held);
            assertThat(wrong("interfaces of no endpoint")).doesNotContain(INTERFACE);
            Program.run("ip", "link", "add", BRIDGE, "type", "bridge").ok();
            Program.run("ip", "link", "set", BRIDGE, "alias", "longshore network " + NOBODY)
                    .ok();
            assertThat(wrong("bridges")).contains(BRIDGE + " of " + NOBODY);
        } finally {
            Program.run("ip", "link", "delete", INTERFACE);
            Program.run("ip", "link", "delete", BRIDGE);
        }
    }

    @Test
    void addressesInSandboxes() {
        changeAddress("add");
        try {
            assertThat(wrong("addresses in " + container.substring(0, 8))).containsExactly("10.99.99.99/24");
        } finally {
            changeAddress("del");
        }
    }

    private void changeAddress(String verb) {
        String sandbox = "--net=/proc/" + pid() + "/ns/net";
        Program.run("nsenter", sandbox, "ip", "addr", verb, "10.99.99.99/24", "dev", "eth0")
                .ok();
    }

    /** The agent makes its table anew as soon as somebody changes it: so what is implied is wrong here. */
    @Test
    void rulesAndPorts() {
        Differences wrong = new Differences();
        PublishedPorts.compare(longshore, Set.of(), Set.of(), wrong);
        assertThat(wrong.all().keySet())
                .containsExactlyInAnyOrder(
                        "translated ports",
                        "bridges in the set of nftables",
                        "bridges whose containers may talk",
                        "subnets of bridges",
                        "ports bound by the agent");
    }

    /** As if the container were in no list and another one were. */
    @Test
    void whatAContainerHas() {
        JsonNode others = JSON.readTree("[{\"Id\":\"" + NOBODY + "\",\"State\":\"running\"}]");
        assertThat(LeakCheck.all(longshore, others).all())
                .hasEntrySatisfying("directories of containers", this::theContainer)
                .hasEntrySatisfying("layers of containers", this::theContainer)
                .hasEntrySatisfying("supervisors", this::theContainer)
                .hasEntrySatisfying("cgroups", this::theContainer)
                .hasEntrySatisfying("network namespaces", this::theContainer)
                .hasEntrySatisfying("records of sandboxes", this::theContainer)
                .hasEntrySatisfying("owners of claims on images", this::theContainer)
                .hasEntrySatisfying("owners of claims on networks", this::theContainer)
                .hasEntrySatisfying("rows of containers", this::theContainer)
                .containsKeys("names in the agent's run directory", "interfaces of endpoints", "translated ports")
                .containsEntry("missing directories of containers", Set.of(NOBODY))
                .containsEntry("missing supervisors", Set.of(NOBODY))
                .containsEntry("missing cgroups", Set.of(NOBODY))
                .containsEntry("missing owners of claims on images", Set.of(NOBODY))
                .containsEntry("missing rows of containers", Set.of(NOBODY));
    }

    private void theContainer(Set<String> found) {
        assertThat(found).containsExactly(container);
    }

    @Test
    void sandboxes() throws IOException {
        Path namespace = longshore.agentRun().resolve("netns").resolve(NOBODY);
        Path record = longshore.agentRun().resolve("sandboxes").resolve(NOBODY + ".tmp");
        try {
            Files.createFile(namespace);
            found(namespace, "network namespaces");
            Files.createFile(record);
            found(record, "records of sandboxes");
        } finally {
            Files.deleteIfExists(namespace);
            Files.deleteIfExists(record);
        }
    }

    @Test
    void mounts() throws IOException {
        Path place = Files.createDirectory(longshore.work().resolve("left"));
        try {
            Program.run("mount", "-t", "tmpfs", "tmpfs", place.toString()).ok();
            assertThat(wrong("mounts")).isNotEmpty().allMatch(line -> line.endsWith(": " + place));
        } finally {
            Program.run("umount", place.toString());
            Files.delete(place);
        }
    }

    @Test
    void rows() {
        try {
            longshore.rows("with made as (insert into network.lease (network, address, container, generation)"
                    + " select id, '10.99.99.99', '" + NOBODY
                    + "', 1 from network.network where name = 'bridge' returning 1)"
                    + " select count(*) from made");
            assertThat(wrong("addresses that are given out"))
                    .singleElement()
                    .asString()
                    .endsWith(NOBODY + " 10.99.99.99");
        } finally {
            longshore.rows("with gone as (delete from network.lease where container = '" + NOBODY + "' returning 1)"
                    + " select count(*) from gone");
        }
    }

    /** An empty file, or a link that leads nowhere, where each thing is kept. */
    @Test
    void content() throws IOException {
        Path content = longshore.work().resolve("content");
        left(content.resolve("sha256").resolve(NOBODY), "blobs", "blobs that are not what their digest says");
        left(content.resolve("ingest").resolve("left"), "half received content");
        left(longshore.work().resolve("layers").resolve(NOBODY + ".json"), "layers");
        left(longshore.layers().resolve(NOBODY), "trees of layers");
        left(longshore.layers().resolve(NOBODY + "-init"), "trees of mount points");
        left(longshore.layers().resolve("tmp-left"), "half made trees");
        left(longshore.work().resolve("volumes").resolve("left"), "directories of volumes");
        Path link = longshore.layers().resolve("l").resolve("LEFT");
        try {
            Files.createSymbolicLink(link, Path.of("../nowhere"));
            found(link, "short names of no tree");
        } finally {
            Files.deleteIfExists(link);
        }
    }

    private void left(Path place, String... kinds) throws IOException {
        try {
            Files.createFile(place);
            found(place, kinds);
        } finally {
            Files.deleteIfExists(place);
        }
    }
}
