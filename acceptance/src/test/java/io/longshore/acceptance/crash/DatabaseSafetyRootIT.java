package io.longshore.acceptance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.engine.Longshore;
import io.longshore.acceptance.http.Request;
import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.RunningEngines;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The embedded PostgreSQL keeps out who shares the machine's network: another user, and a container with the host's network. Who
 * could log in as its superuser would be root through {@code COPY TO PROGRAM}.
 */
@ExtendWith(RunningEngines.class)
class DatabaseSafetyRootIT {
    @SuppressWarnings("NullAway.Init")
    private Longshore longshore;

    private int port;

    @BeforeEach
    void open(RunningEngines.Started engines) throws IOException {
        assumeTrue(Form.picked().anyMatch(Form.STANDALONE::equals), "the standalone form is not picked");
        longshore = (Longshore) engines.of(Form.STANDALONE);
        port = Integer.parseInt(
                Files.readString(longshore.work().resolve("postgres/port")).strip());
    }

    /** The start of a session in PostgreSQL's protocol 3.0, as printf takes it. */
    private static String startup(String user, String database) {
        String parameters = "user\0" + user + "\0database\0" + database + "\0\0";
        int length = 8 + parameters.length();
        StringBuilder printf = new StringBuilder();
        for (byte b : new byte[] {0, 0, (byte) (length >> 8), (byte) length, 0, 3, 0, 0}) {
            printf.append(String.format("\\%03o", b & 0xff));
        }
        for (byte b : parameters.getBytes(StandardCharsets.US_ASCII)) {
            printf.append(String.format("\\%03o", b & 0xff));
        }
        return printf.toString();
    }

    /** R, the length, 10 (SASL): a password is asked for. Type 0 would be "come in"; an E is a refusal outright. */
    private static void keptOut(String hex) {
        assertThat(hex.strip()).as("the server's answer").matches("(?s)(52 00 00 00 [0-9a-f]{2} 00 00 00 0a .*|45 .*)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "container", "access", "longshore", "root"})
    void anotherUserIsAskedForAPassword(String role) throws Exception {
        for (String database : List.of("postgres", "longshore", "template1")) {
            String script = "printf '" + startup(role, database) + "' | busybox nc -w 3 127.0.0.1 " + port
                    + " | busybox od -An -tx1 -v";
            keptOut(asNobody("sh", "-c", script));
        }
    }

    @Test
    void aContainerOnTheHostsNetworkIsAskedForAPassword() throws IOException {
        String script = "printf '" + startup("postgres", "postgres").replace("\\", "\\\\") + "' | nc -w 3 127.0.0.1 "
                + port + " | od -An -tx1 -v";
        String body = "{\"Image\":\"busybox\",\"Cmd\":[\"sh\",\"-c\",\"" + script
                + "\"],\"HostConfig\":{\"NetworkMode\":\"host\"}}";
        String id = longshore
                .call(Request.post("/containers/create", body))
                .expect(201)
                .json()
                .path("Id")
                .asString();
        longshore.call(Request.post("/containers/" + id + "/start")).expect(204);
        longshore.call(Request.post("/containers/" + id + "/wait")).expect(200);
        keptOut(String.join("\n", Load.logLines(longshore, id)));
        longshore.call(Request.delete("/containers/" + id)).expect(204);
    }

    @Test
    void anotherUserReadsNeitherPasswordNorData() throws Exception {
        Path postgres = longshore.work().resolve("postgres");
        assertThat(asNobody(
                        "sh",
                        "-c",
                        "cat " + postgres + "/superuser.password " + postgres + "/data/PG_VERSION 2>&1; ls "
                                + longshore.work() + " 2>&1"))
                .contains("Permission denied")
                .doesNotContain("\n18\n");
    }

    @Test
    void theServerIsNotRootAndHasNoSocketOfItsOwn() throws IOException {
        for (long pid : longshore.pids()) {
            if (Files.readString(Path.of("/proc/" + pid + "/comm")).startsWith("postgres")) {
                assertThat(Files.getOwner(Path.of("/proc/" + pid)).getName())
                        .as("user of the server's process %d", pid)
                        .isNotEqualTo("root");
            }
        }
        assertThat(Path.of("/tmp/.s.PGSQL." + port)).doesNotExist();
        assertThat(Path.of("/var/run/postgresql/.s.PGSQL." + port)).doesNotExist();
    }

    private static String asNobody(String... command) throws IOException, InterruptedException {
        java.util.ArrayList<String> all = new java.util.ArrayList<>(
                List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"));
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            return said;
        }
    }
}
