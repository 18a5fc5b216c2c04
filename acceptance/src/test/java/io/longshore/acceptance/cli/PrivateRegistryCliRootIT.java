package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code docker login}, and what a registry gives its users alone. */
class PrivateRegistryCliRootIT extends RegistryCases {
    private static final SavedImage IMAGE = image("app:1");

    private static final String KEPT = "/api/v1/registries/";

    @SuppressWarnings("NullAway.Init")
    private DebianRegistry keepers;

    @BeforeEach
    void startWithUsers(RunningEngines.Started engines) throws IOException {
        Path directory = Files.createTempDirectory("longshore-registry-");
        keepers = DebianRegistry.start(
                directory,
                DebianRegistry.Options.WITH_USERS,
                engines.of(subject.form()).neighbour());
        keepers.put(IMAGE, "app:1");
    }

    @AfterEach
    void stopWithUsers() {
        if (keepers != null) {
            keepers.close();
        }
    }

    private String image() {
        return keepers.host() + "/app:1";
    }

    /** A directory of clients' settings of the case's own, so that logins stay in it. */
    private String client(String line) {
        return "--config " + docker.home().resolve("client") + " " + line;
    }

    private Outcome login(String password) {
        return docker.run(
                client("login -u " + DebianRegistry.USER + " --password-stdin " + keepers.host()),
                Docker.bytes(password));
    }

    @Test
    void pullNeedsALogin() {
        docker.run("pull " + image()).exits(1).says("no basic auth credentials");
        assertThat(docker.probe("images -q " + image()).text()).isEmpty();
    }

    @Test
    void loginThenPullAndPush() {
        login(DebianRegistry.PASSWORD).ok().printsPart("Login Succeeded");
        docker.run(client("pull -q " + image())).ok().prints(image() + "\n");
        docker.probe("tag " + image() + " " + keepers.host() + "/app:2").ok();
        docker.probe(client("push -q " + keepers.host() + "/app:2")).ok();
        docker.run("push " + keepers.host() + "/app:2").exits(1).saysMatch("no basic auth credentials|unauthorized");
    }

    @Test
    void wrongPasswordIsRefused() {
        login("wrong").exits(1).saysMatch("401");
        docker.run(client("pull " + image())).exits(1).says("no basic auth credentials");
    }

    @Test
    void runPullsWithTheLogin() {
        login(DebianRegistry.PASSWORD).ok();
        docker.run(client("run --rm --network none " + image())).ok().prints("entry from image\n");
    }

    @Test
    void logoutEndsIt() {
        login(DebianRegistry.PASSWORD).ok();
        docker.probe(client("logout " + keepers.host())).ok();
        docker.run(client("pull " + image())).exits(1).says("no basic auth credentials");
    }

    private Response keep(String password) {
        byte[] body = Docker.bytes("{\"username\":\"" + DebianRegistry.USER + "\",\"password\":\"" + password + "\"}");
        return docker.engine()
                .call(new Request("PUT", KEPT + keepers.host(), List.of("Content-Type: application/json"), body));
    }

    @Test
    @LongshoreOnly("it keeps no logins")
    void aLoginThatTheProjectKeepsIsForAllItsClients() throws IOException {
        keep(DebianRegistry.PASSWORD).expect(200);
        try {
            docker.run(client("pull " + image())).ok().printsPart("Downloaded newer image");
            docker.run(client("run --rm --network none " + image())).ok().prints("entry from image\n");
            docker.probe("tag busybox " + keepers.host() + "/app:2").ok();
            docker.run(client("push " + keepers.host() + "/app:2")).ok().printsPart("digest: sha256:");
        } finally {
            docker.engine().call(Request.delete(KEPT + keepers.host())).expect(204);
        }
        docker.run(client("pull " + keepers.host() + "/app:2")).exits(1).says("no basic auth credentials");
    }

    @Test
    @LongshoreOnly("it keeps no logins")
    void theClientsOwnLoginGoesBeforeTheProjects() throws IOException {
        keep(DebianRegistry.PASSWORD).expect(200);
        try {
            String wrong = Base64.getEncoder().encodeToString(Docker.bytes(DebianRegistry.USER + ":wrong"));
            Files.writeString(
                    Files.createDirectories(docker.home().resolve("client")).resolve("config.json"),
                    "{\"auths\":{\"" + keepers.host() + "\":{\"auth\":\"" + wrong + "\"}}}");
            docker.run(client("pull " + image())).exits(1).saysMatch("unauthorized|401");
        } finally {
            docker.engine().call(Request.delete(KEPT + keepers.host())).expect(204);
        }
    }

    @Test
    @LongshoreOnly("it keeps no logins")
    void aWrongPasswordIsNotKept() throws IOException {
        assertThat(keep("nobody-logs-this").expect(400).text())
                .contains(keepers.host())
                .doesNotContain("nobody-logs");
        assertThat(docker.engine().call(Request.get("/api/v1/registries")).json())
                .isEmpty();
        assertThat(docker.engine().call(Request.get("/v1.41/api/v1/registries")).status())
                .isEqualTo(404);
        assertThat(docker.engine().log()).doesNotContain("nobody-logs-this");
    }

    @Test
    @LongshoreOnly("the other engine's log has no canary")
    void passwordsStayOutOfLogs() {
        String wrong = "nobody-logs-this";
        String header = Base64.getEncoder().encodeToString(Docker.bytes(DebianRegistry.USER + ":" + wrong));
        login(wrong).exits(1);
        assertThat(docker.engine().log()).doesNotContain(wrong, header);
    }
}
