package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code docker login}, and what a registry gives its users alone. */
class PrivateRegistryCliRootIT extends RegistryCases {
    private static final SavedImage IMAGE = image("app:1");

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

    @Test
    @LongshoreOnly("the other engine's log has no canary")
    void passwordsStayOutOfLogs() {
        String wrong = "nobody-logs-this";
        String header = Base64.getEncoder().encodeToString(Docker.bytes(DebianRegistry.USER + ":" + wrong));
        login(wrong).exits(1);
        assertThat(docker.engine().log()).doesNotContain(wrong, header);
    }
}
