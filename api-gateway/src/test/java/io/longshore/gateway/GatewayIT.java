package io.longshore.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.platform.client.ColocatedParts;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.web.Json;
import io.longshore.upstream.EngineController;
import io.longshore.upstream.InternalController;
import io.longshore.upstream.UpstreamApplication;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The same answers whether the services are reached over their sockets or are in this JVM. */
@ParameterizedClass(name = "services in the same JVM: {0}")
@ValueSource(booleans = {false, true})
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init") // it does not know the method that JUnit calls first
class GatewayIT {
    @TempDir
    static Path directory;

    @Parameter
    boolean sameJvm;

    private static ColocatedParts colocated;
    private static RunningService containers;
    private static RunningService others;
    private static RunningService gateway;

    @BeforeParameterizedClassInvocation
    static void start(boolean sameJvm) {
        colocated = new ColocatedParts();
        ColocatedParts services = sameJvm ? colocated : new ColocatedParts();
        containers = upstream("containers", services);
        others = upstream("others", services);
        gateway = gateway("gateway", colocated);
    }

    private static RunningService gateway(String name, ColocatedParts colocated) {
        Map<String, String> settings = new HashMap<>();
        settings.put("run.directory", directory + "/" + name);
        settings.put("gateway.socket-group", "");
        settings.put("run.stop-within", "100ms");
        settings.put("services.container", "unix:" + containers.socket());
        for (String part : new String[] {"access", "fleet", "image", "volume", "network"}) {
            settings.put("services." + part, "unix:" + others.socket());
        }
        return ServiceRunner.start(GatewayApplication.class, Settings.of(settings), colocated);
    }

    private static RunningService upstream(String name, ColocatedParts colocated) {
        return ServiceRunner.start(
                UpstreamApplication.class,
                Settings.of(Map.of("run.directory", directory + "/" + name, "run.stop-within", "100ms")),
                colocated);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        gateway.close();
        containers.close();
        others.close();
    }

    private static Client client() throws IOException {
        return new Client(gateway.socket());
    }

    private static Client.Answer get(String request) throws IOException {
        try (Client client = client()) {
            return client.get(request);
        }
    }

    private static String message(Client.Answer answer) {
        return Json.mapper().readTree(answer.body()).path("message").asString();
    }

    @Test
    void socketIsForTheGroupOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(gateway.socket())))
                .isEqualTo("rw-rw----");
        Path parent = gateway.socket().getParent();
        assertThat(parent).isNotNull();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(parent)))
                .isEqualTo("rwxr-x---");
    }

    @Test
    void pingTellsWhatClientsNegotiateBy() throws IOException {
        for (String path : new String[] {"/_ping", "/v1.24/_ping", "/v1.51/_ping"}) {
            Client.Answer answer = get("GET " + path + " HTTP/1.1");
            assertThat(answer.body()).isEqualTo("OK");
            assertThat(answer.head().headers())
                    .containsEntry("Content-Type", "text/plain; charset=utf-8")
                    .containsEntry("Api-Version", "1.51")
                    .containsEntry("Docker-Experimental", "false")
                    .containsEntry("Ostype", "linux")
                    .containsEntry("Swarm", "inactive")
                    .containsEntry("Cache-Control", "no-cache, no-store, must-revalidate")
                    .containsEntry("Pragma", "no-cache");
            assertThat(answer.head().header("Server")).matches("Longshore/\\S+ \\(linux\\)");
            assertThat(answer.head().header("X-Request-Id")).matches("[0-9a-f]{32}");
        }
        try (Client client = client()) {
            Client.Head head = client.ask("HEAD /_ping HTTP/1.1");
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("Content-Length")).isEqualTo("0");
            assertThat(client.get("GET /_ping HTTP/1.1").body()).isEqualTo("OK");
        }
    }

    @Test
    void versionsOutsideTheWindowAreRefusedInDockersWords() throws IOException {
        Client.Answer old = get("GET /v1.23/_ping HTTP/1.1");
        assertThat(old.head().status()).isEqualTo(400);
        assertThat(message(old)).startsWith("client version 1.23 is too old. Minimum supported API version is 1.24");
        Client.Answer young = get("GET /v1.52/containers/json HTTP/1.1");
        assertThat(young.head().status()).isEqualTo(400);
        assertThat(message(young)).startsWith("client version 1.52 is too new. Maximum supported API version is 1.51");
    }

    @Test
    void unknownPathsAreNotFoundAndMissingOnesSayWhatWorks() throws IOException {
        for (String line : new String[] {
            "GET /nope", "GET /v1.43/containers/x/nope", "PUT /containers/json", "GET /internal/nodes", "GET /"
        }) {
            Client.Answer answer = get(line + " HTTP/1.1");
            assertThat(answer.head().status()).as(line).isEqualTo(404);
            assertThat(message(answer)).isEqualTo("page not found");
        }
        Client.Answer build = get("POST /v1.43/build HTTP/1.1");
        assertThat(build.head().status()).isEqualTo(501);
        assertThat(message(build)).contains("docker load");
        Client.Answer plugin = get("GET /v1.43/plugins/vieux%2Fsshfs/json HTTP/1.1");
        assertThat(plugin.head().status()).isEqualTo(404);
        assertThat(message(plugin)).isEqualTo("plugin \"vieux/sshfs\" not found");
    }

    @Test
    void malformedQueryIsRefused() throws IOException {
        for (String path : new String[] {"/containers/x/logs?tail=%zz", "/events?since=%zz"}) {
            Client.Answer answer = get("GET " + path + " HTTP/1.1");
            assertThat(answer.head().status()).as(path).isEqualTo(400);
            assertThat(message(answer)).as(path).startsWith("invalid query");
        }
    }

    @Test
    void pathsThatServersReadDifferentlyAreRefused() throws IOException {
        for (String path : new String[] {
            "/images/../internal/nodes/json", "/images/x/%2e%2e/json", "/images/a;b/json", "/images/./json"
        }) {
            assertThat(get("GET " + path + " HTTP/1.1").head().status())
                    .as(path)
                    .isEqualTo(400);
        }
    }

    @Test
    void requestReachesTheServiceWithTheCallerThatTheDoorFound() throws IOException {
        Client.Answer answer = get("GET /v1.43/containers/json?all=1&filters={\"a\":[\"b\"]} HTTP/1.1"
                + "|Longshore-Principal: mallory|longshore-project: other|X-Registry-Auth: abc|Connection: keep-alive");
        assertThat(answer.head().status()).isEqualTo(200);
        assertThat(answer.head().header("X-From-Service")).isEqualTo("yes");
        assertThat(answer.head().header("Longshore-Secret")).isNull();
        JsonNode seen = Json.mapper().readTree(answer.body());
        assertThat(seen.path("longshore-principal").asString()).isEqualTo("root");
        assertThat(seen.path("longshore-project").asString()).isEqualTo("default");
        assertThat(seen.path("longshore-api-version").asString()).isEqualTo("1.43");
        assertThat(seen.path("longshore-trace").asString())
                .isEqualTo(answer.head().header("X-Request-Id"));
        assertThat(seen.path("x-registry-auth").asString()).isEqualTo("abc");
        assertThat(seen.path("query").asString()).isEqualTo("all=1&filters={\"a\":[\"b\"]}");
        int before = others.context().getBean(InternalController.class).identified();
        get("GET /containers/json HTTP/1.1");
        assertThat(others.context().getBean(InternalController.class).identified())
                .isEqualTo(before);
    }

    @Test
    void failuresKeepStatusAndMessage() throws IOException {
        Client.Answer conflict = get("DELETE /containers/web HTTP/1.1");
        assertThat(conflict.head().status()).isEqualTo(409);
        assertThat(message(conflict)).isEqualTo("cannot remove container \"web\": it is running");
        assertThat(conflict.head().headers().keySet())
                .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).startsWith("longshore"));
        assertThat(get("POST /containers/web/start HTTP/1.1|Content-Length: 0")
                        .head()
                        .status())
                .isEqualTo(304);
        assertThat(get("POST /containers/gone/wait HTTP/1.1|Content-Length: 0")
                        .head()
                        .status())
                .isEqualTo(404);
        assertThat(message(get("POST /containers/gone/attach HTTP/1.1|Connection: Upgrade|Upgrade: tcp")))
                .isEqualTo("No such container: gone");
    }

    @Test
    void malformedBodiesAreRefusedWithTheProblem() throws IOException {
        for (Map.Entry<String, String> bad :
                Map.of("{\"a\":", "JSON", "[1]", "JSON", "{} x", "JSON").entrySet()) {
            try (Client client = client()) {
                client.send("POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + bad.getKey().length() + "\r\n\r\n" + bad.getKey());
                Client.Head head = client.head();
                assertThat(head.status()).as(bad.getKey()).isEqualTo(400);
                assertThat(new String(client.body(head), StandardCharsets.UTF_8))
                        .contains(bad.getValue());
            }
        }
        try (Client client = client()) {
            client.send("POST /containers/create HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 5000000\r\n\r\n{");
            assertThat(client.head().status()).isEqualTo(413);
        }
        try (Client client = client()) {
            client.send(
                    "POST /containers/create HTTP/1.1|Host: d|Content-Type: application/json|Transfer-Encoding: chunked||5|{'a':|2|1}|0||"
                            .replace("|", "\r\n")
                            .replace("'", "\""));
            Client.Head head = client.head();
            assertThat(head.status()).isEqualTo(201);
            assertThat(new String(client.body(head), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}");
        }
    }

    @Test
    void aBodyOfAnotherTypeIsRefusedHoweverItIsFramed() throws IOException {
        for (String framed : new String[] {"Content-Length: 2||{}", "Transfer-Encoding: chunked||2|{}|0||"}) {
            try (Client client = client()) {
                client.send(("POST /containers/create HTTP/1.1|Host: d|Content-Type: text/plain|" + framed)
                        .replace("|", "\r\n"));
                Client.Head head = client.head();
                assertThat(head.status()).as(framed).isEqualTo(400);
                assertThat(new String(client.body(head), StandardCharsets.UTF_8))
                        .contains("text/plain");
            }
        }
    }

    @Test
    void aRefusalIsReadAlsoByWhoWritesTheWholeBodyFirst() throws IOException {
        String body = "x".repeat(20_000_000);
        for (String path : new String[] {"/containers/create 413", "/build 501", "/nosuchpath 404"}) {
            try (Client client = client()) {
                client.send("POST " + path.split(" ")[0] + " HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body);
                Client.Head head = client.head();
                assertThat(head.status()).as(path).isEqualTo(Integer.parseInt(path.split(" ")[1]));
                assertThat(new String(client.body(head), StandardCharsets.UTF_8))
                        .contains("message");
            }
        }
    }

    @Test
    void namesWithSlashesGoThroughAsTheyAre() throws IOException {
        Client.Answer answer = get("GET /images/reg.io:5000/a/b:tag/json HTTP/1.1");
        assertThat(answer.body()).isEqualTo("{\"path\":\"/reg.io:5000/a/b:tag/json\"}");
    }

    @Test
    void infoAndVersionAreOfTheServices() throws IOException {
        JsonNode info = Json.mapper().readTree(get("GET /info HTTP/1.1").body());
        assertThat(info.path("Containers").asInt()).isEqualTo(6);
        assertThat(info.path("ContainersRunning").asInt()).isEqualTo(3);
        assertThat(info.path("Images").asInt()).isEqualTo(7);
        assertThat(info.path("NCPU").asInt()).isEqualTo(2);
        assertThat(info.path("Name").asString()).isEqualTo("host1");
        assertThat(info.path("MemoryLimit").asBoolean()).isTrue();
        assertThat(info.path("SwapLimit").asBoolean()).isFalse();
        assertThat(info.path("NGoroutines").asInt()).isPositive();
        assertThat(info.path("CDISpecDirs").isArray()).isTrue();
        assertThat(Json.mapper()
                        .readTree(get("GET /v1.43/info HTTP/1.1").body())
                        .has("CDISpecDirs"))
                .isFalse();
        assertThat(info.has("BridgeNfIptables")).isFalse();
        assertThat(info.path("RuncCommit").propertyNames()).containsExactly("ID");
        assertThat(info.path("RegistryConfig").has("AllowNondistributableArtifactsCIDRs"))
                .isFalse();
        assertThat(Json.mapper()
                        .readTree(get("GET /v1.49/info HTTP/1.1").body())
                        .path("BridgeNfIptables")
                        .asBoolean())
                .isTrue();
        assertThat(info.path("Swarm").path("LocalNodeState").asString()).isEqualTo("inactive");
        JsonNode version =
                Json.mapper().readTree(get("GET /v1.40/version HTTP/1.1").body());
        assertThat(version.path("ApiVersion").asString()).isEqualTo("1.51");
        assertThat(version.path("MinAPIVersion").asString()).isEqualTo("1.24");
        assertThat(version.path("KernelVersion").asString()).isEqualTo("6.18");
        assertThat(version.path("Version").asString()).matches("28\\.3\\.0\\+longshore\\.\\d+\\.\\d+.*");
    }

    @Test
    void infoTellsHowRegistriesAreReached() throws IOException {
        JsonNode told = Json.mapper().readTree(get("GET /info HTTP/1.1").body()).path("RegistryConfig");
        assertThat(told).isEqualTo(Json.mapper().readTree("""
                {"InsecureRegistryCIDRs": ["10.0.0.0/8", "127.0.0.0/8", "::1/128"],
                 "IndexConfigs": {
                   "docker.io": {"Name": "docker.io", "Mirrors": ["https://mirror.example/", "http://10.0.0.2:5000/"],
                                 "Secure": true, "Official": true},
                   "plain.example:5000": {"Name": "plain.example:5000", "Mirrors": [], "Secure": false, "Official": false}},
                 "Mirrors": ["https://mirror.example/", "http://10.0.0.2:5000/"]}"""));
    }

    @Test
    void diskUsageIsOfTheServices() throws IOException {
        JsonNode all = Json.mapper().readTree(get("GET /system/df HTTP/1.1").body());
        assertThat(all).isEqualTo(Json.mapper().readTree("""
                {"LayersSize":99,"Images":[{"Id":"i1","Version":"1.51"}],"Containers":[{"Id":"c1","Version":"1.51"}],
                 "Volumes":[{"Name":"v1"}],"BuildCache":[]}"""));
        JsonNode some = Json.mapper()
                .readTree(get("GET /v1.42/system/df?type=image&type=build-cache HTTP/1.1")
                        .body());
        assertThat(some).isEqualTo(Json.mapper().readTree("""
                {"LayersSize":99,"Images":[{"Id":"i1","Version":"1.42"}],"Containers":null,"Volumes":null,"BuildCache":[]}"""));
        JsonNode old = Json.mapper()
                .readTree(get("GET /v1.41/system/df?type=image HTTP/1.1").body());
        assertThat(old.path("Volumes").size()).isEqualTo(1);
        assertThat(old.path("BuilderSize").asInt(-1)).isZero();
        assertThat(get("GET /system/df?type=swap HTTP/1.1").body()).contains("unknown object type: swap");
    }

    @Test
    void attachCarriesHalfCloseThrough() throws IOException {
        for (String upgrade : new String[] {"|Connection: Upgrade|Upgrade: tcp", ""}) {
            try (Client client = client()) {
                Client.Head head = client.ask("POST /v1.43/containers/x/attach?stream=1 HTTP/1.1" + upgrade);
                assertThat(head.status()).isEqualTo(upgrade.isEmpty() ? 200 : 101);
                assertThat(head.header("Content-Type")).isEqualTo("application/vnd.docker.raw-stream");
                client.send("hello ");
                assertThat(client.input().readNBytes(6)).asString().isEqualTo("hello ");
                client.shutdownOutput();
                assertThat(client.input().readAllBytes()).asString().isEqualTo("after");
            }
        }
    }

    @Test
    void logsStreamAndABrokenOneIsCut() throws IOException {
        try (Client client = client()) {
            Client.Head head = client.ask("GET /containers/x/logs?tail=50 HTTP/1.1");
            assertThat(head.header("Content-Type")).isEqualTo("application/vnd.docker.multiplexed-stream");
            assertThat(client.body(head)).hasSize(5_000_000);
        }
        try (Client client = client()) {
            Client.Head head = client.ask("GET /containers/x/logs?tail=13 HTTP/1.1");
            assertThatThrownBy(() -> client.body(head)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void waitAnswersAtOnceAndEndsWithTheClient() throws Exception {
        try (Client client = client()) {
            assertThat(client.ask("POST /containers/x/wait HTTP/1.1|Content-Length: 0")
                            .status())
                    .isEqualTo(200);
            assertThat(client.chunk()).hasSize(1);
        }
        assertThat(containers
                        .context()
                        .getBean(EngineController.class)
                        .waitCancelled()
                        .await(5, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void aStopCutsAWait() throws IOException {
        RunningService second = gateway("second", colocated);
        try (Client client = new Client(second.socket())) {
            Client.Head head = client.ask("POST /containers/x/wait HTTP/1.1|Content-Length: 0");
            assertThat(head.status()).isEqualTo(200);
            assertThat(client.chunk()).hasSize(1);
            long begin = System.nanoTime();
            second.close();
            assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(10));
            assertThatThrownBy(() -> client.body(head)).isInstanceOf(IOException.class);
        } finally {
            second.close();
        }
    }

    @Test
    void waitKeepsTheConnection() throws IOException {
        try (Client client = client()) {
            for (int i = 0; i < 3; i++) {
                Client.Head head = client.ask("POST /containers/ended/wait HTTP/1.1|Content-Length: 0");
                assertThat(head.header("Connection")).isNull();
                assertThat(new String(client.body(head), StandardCharsets.UTF_8))
                        .isEqualTo(" {\"StatusCode\":3}");
            }
        }
    }

    @Test
    void uploadsOfAnySizeGoThroughAndRefusalsComeBack() throws IOException {
        byte[] block = new byte[1 << 20];
        try (Client client = client()) {
            client.send("POST /images/load HTTP/1.1\r\nHost: d\r\nExpect: 100-continue\r\n" + "Content-Length: "
                    + (50L << 20) + "\r\n\r\n");
            assertThat(client.head().status()).isEqualTo(100);
            for (int i = 0; i < 50; i++) {
                client.output().write(block);
            }
            Client.Head head = client.head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(new String(client.body(head), StandardCharsets.UTF_8)).isEqualTo("{\"bytes\":52428800}");
        }
        try (Client client = client()) {
            client.send(
                    "POST /images/load?quiet=1 HTTP/1.1\r\nHost: d\r\nContent-Length: " + block.length + "\r\n\r\n");
            client.output().write(block);
            assertThat(client.head().status()).isEqualTo(400);
        }
    }

    @Test
    void absentServiceIsUnavailable() throws IOException {
        Map<String, String> settings = Map.of(
                "run.directory",
                directory + "/alone",
                "gateway.socket-group",
                "",
                "services.access",
                "unix:" + others.socket());
        try (RunningService alone = ServiceRunner.start(GatewayApplication.class, Settings.of(settings))) {
            for (String request : new String[] {
                "GET /containers/json HTTP/1.1", "GET /events HTTP/1.1", "POST /containers/x/attach HTTP/1.1"
            }) {
                try (Client client = new Client(alone.socket())) {
                    Client.Answer answer = client.get(request);
                    assertThat(answer.head().status()).as(request).isEqualTo(503);
                    assertThat(message(answer)).contains(" at unix:");
                }
            }
            try (Client client = new Client(alone.socket())) {
                assertThat(client.get("GET /_ping HTTP/1.1").body()).isEqualTo("OK");
            }
        }
    }
}
