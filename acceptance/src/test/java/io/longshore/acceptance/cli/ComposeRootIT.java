package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Applications that Debian's docker-compose brings up, changes and takes down. Each answers to who asks it from outside. */
class ComposeRootIT extends CliCases {
    private static final Duration UP = Duration.ofSeconds(90);

    /** What a web server of the applications runs for a request. */
    @BeforeEach
    void pages() throws IOException {
        Path programs = Files.createDirectories(docker.home().resolve("www/cgi-bin"));
        page(programs.resolve("shop"), "echo \"db=$(nc -w 2 db 5432) cache=$(nc -w 2 cache 6379) $EDITION\"");
        page(programs.resolve("proxy"), "nc -w 2 service 8080");
    }

    private static void page(Path file, String command) throws IOException {
        Files.writeString(
                file, "#!/bin/sh\nexec </dev/null\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\n" + command + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void aShopThatWaitsForItsDatabase() throws IOException {
        use("shop");
        compose("config --services").printsPart("web\n", "db\n", "cache\n");
        compose("up -d");
        assertThat(docker.value("shop_db_1", "{{.State.Health.Status}}")).isEqualTo("healthy");
        assertThat(page(18200, "shop")).isEqualTo("db=rows cache=warm first");
        compose("ps").printsPart("shop_web_1", "shop_db_1", "0.0.0.0:18200->80/tcp", "Up (healthy)");
        compose("exec -T db cat /data/rows").prints("rows\n");
        compose("run --rm -T web nc -w 2 cache 6379").prints("warm\n");
        compose("top").printsPart("nc -ll -p 6379");

        String began = docker.value("shop_cache_1", "{{.State.StartedAt}}");
        compose("restart -t 5 cache");
        assertThat(docker.value("shop_cache_1", "{{.State.StartedAt}}")).isNotEqualTo(began);
        assertThat(await(() -> page(18200, "shop"), "db=rows cache=warm first")).isTrue();

        String database = docker.value("shop_db_1", "{{.Id}}");
        String web = docker.value("shop_web_1", "{{.Id}}");
        Path file = docker.home().resolve("docker-compose.yaml");
        Files.writeString(file, Files.readString(file).replace("EDITION: first", "EDITION: second"));
        compose("up -d");
        assertThat(docker.value("shop_web_1", "{{.Id}}")).isNotEqualTo(web);
        assertThat(docker.value("shop_db_1", "{{.Id}}")).isEqualTo(database);
        assertThat(await(() -> page(18200, "shop"), "db=rows cache=warm second"))
                .isTrue();

        compose("down");
        assertThat(volume("shop_data")).isEqualTo(200);
        compose("up -d");
        assertThat(await(() -> page(18200, "shop"), "db=rows cache=warm second"))
                .isTrue();
        compose("down -v -t 5");
        nothingIsLeft("shop", "shop_data");
    }

    @Test
    void workersThatShareAQueue() throws IOException {
        use("queue");
        compose("up -d --scale worker=3");
        assertThat(await(() -> compose("exec -T queue ls /jobs/done").lines().size() + "", "20"))
                .isTrue();
        docker.awaitExit("queue_scheduler_1");
        assertThat(docker.value("queue_scheduler_1", "{{.State.ExitCode}}")).isEqualTo("0");
        // Each was done once, by a container of that name.
        assertThat(compose("exec -T queue sh -c 'cat /jobs/done/* | wc -l'").text())
                .isEqualTo("20");
        assertThat(new Applications(docker).lookUp("queue_queue_1", "worker")).hasSize(3);
        try (Started logs = docker.compose("logs -f --no-color worker")) {
            logs.awaitOutput("did job1");
            docker.ok("exec queue_queue_1 touch /jobs/new/late");
            logs.awaitOutput("did late");
            compose("up -d --scale worker=1");
        }
        assertThat(docker.exists("queue_worker_3")).isFalse();
        assertThat(new Applications(docker).lookUp("queue_queue_1", "worker")).hasSize(1);
        compose("stop -t 5 worker");
        compose("rm -f worker");
        assertThat(docker.exists("queue_worker_1")).isFalse();
        compose("down -v -t 5");
        nothingIsLeft("queue", "queue_jobs");
    }

    @Test
    void aProxyBetweenTwoNetworks() throws IOException {
        use("proxy");
        try (Started up = docker.compose("up --no-color")) {
            assertThat(await(() -> page(18201, "proxy"), "application")).isTrue();
            Applications applications = new Applications(docker);
            assertThat(applications.address("proxy_app_1", "proxy_back")).isEqualTo("10.91.0.10");
            assertThat(applications.onceFrom("proxy_client_1", "service", 8080)).isEmpty();
            assertThat(applications.onceFrom("proxy_client_1", "10.91.0.10", 8080))
                    .isEmpty();
            assertThat(applications.lookUp("proxy_client_1", "proxy")).hasSize(1);
            up.terminate();
            up.await(UP);
        }
        assertThat(docker.value("proxy_app_1", "{{.State.Running}}")).isEqualTo("false");
        compose("down -t 5");
        nothingIsLeft("proxy", "none");
    }

    /** The application's directory is the case's, and its name the project's. */
    private void use(String name) throws IOException {
        try (InputStream file = ComposeRootIT.class.getResourceAsStream("/compose/" + name + ".yaml")) {
            assertThat(file).as("compose/%s.yaml", name).isNotNull();
            Files.write(docker.home().resolve("docker-compose.yaml"), file.readAllBytes());
        }
        Files.writeString(docker.home().resolve(".env"), "COMPOSE_PROJECT_NAME=" + name + "\n");
    }

    private Outcome compose(String line) {
        try (Started started = docker.compose(line)) {
            started.endInput();
            return started.await(UP).ok();
        }
    }

    /** The body of what the web server answers; busybox has a client, which fails where it is linked statically. */
    private String page(int port, String name) {
        String answer = new Applications(docker)
                .inNetwork(
                        "sh",
                        "-c",
                        "printf 'GET /cgi-bin/" + name + " HTTP/1.0\\r\\n\\r\\n' | /bin/busybox nc -w 5 127.0.0.1 "
                                + port);
        int body = answer.indexOf("\r\n\r\n");
        return body < 0 ? "" : answer.substring(body).strip();
    }

    private static boolean await(Supplier<String> question, String answer) {
        return Await.until(Duration.ofSeconds(30), () -> question.get().equals(answer));
    }

    private int volume(String name) {
        return docker.engine().call(Request.get("/volumes/" + name)).status();
    }

    private void nothingIsLeft(String project, String volume) {
        assertThat(docker.probe("ps -aq").ok().out()).isEmpty();
        assertThat(docker.probe("network ls -q --filter label=com.docker.compose.project=" + project)
                        .ok()
                        .out())
                .isEmpty();
        assertThat(volume(volume)).isEqualTo(404);
    }
}
