package io.longshore.acceptance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.crash.load.Life;
import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The embedded PostgreSQL keeps out who shares the machine's network: another user, and a container with the host's network. Who
 * could log in as its superuser would be root through {@code COPY TO PROGRAM}.
 */
@ExtendWith(RunningEngines.class)
class DatabaseSafetyRootIT {
    @SuppressWarnings("NullAway.Init")
    private Longshore longshore;

    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private Path socket;

    @BeforeEach
    void open(RunningEngines.Started engines) {
        assumeTrue(Form.picked().anyMatch(Form.STANDALONE::equals), "the standalone form is not picked");
        longshore = (Longshore) engines.of(Form.STANDALONE);
        directory = longshore.work().resolve("postgres/socket");
        socket = directory.resolve(".s.PGSQL.5432");
        assertThat(socket).exists();
    }

    @Test
    void anotherUserCannotConnect() throws Exception {
        String connect = "IO::Socket::UNIX->new(Peer => '" + socket + "') or die $!; print 'connected'";
        assertThat(run("perl", "-MIO::Socket::UNIX", "-e", connect))
                .as("what root gets")
                .isEqualTo("connected");
        assertThat(asNobody("perl", "-MIO::Socket::UNIX", "-e", connect)).contains("Permission denied");
        assertThat(asNobody("ls", directory.toString())).contains("Permission denied");
    }

    @Test
    void theServerListensOnNoNetwork() throws IOException {
        Set<String> uids = new HashSet<>();
        for (long pid : servers()) {
            uids.add(Files.getAttribute(Path.of("/proc/" + pid), "unix:uid").toString());
        }
        assertThat(uids).hasSize(1);
        for (String table : List.of("tcp", "tcp6", "udp", "udp6")) {
            assertThat(ofUser(uids, Files.readAllLines(Path.of("/proc/net/" + table))))
                    .as(table)
                    .isEmpty();
        }
    }

    /** A line of /proc/net/tcp or tcp6, with an address; those of /proc/net/unix begin with a number, too. */
    private static final Pattern TCP = Pattern.compile("\\s*\\d+: [0-9A-F]{8,32}:[0-9A-F]{4} .*");

    /** The eighth column is the user. */
    private static List<String> ofUser(Set<String> uids, List<String> table) {
        assertThat(table.getFirst()).contains("uid");
        return table.stream()
                .skip(1)
                .filter(line -> uids.contains(line.strip().split("\\s+")[7]))
                .toList();
    }

    @Test
    void aContainerOnTheHostsNetworkFindsNoSocketOfTheServer() throws IOException {
        String script = "ls " + socket + " 2>&1; cat /proc/net/tcp; cat /proc/net/tcp6; cut -c1-200 /proc/net/unix";
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
        List<String> lines = Life.logLines(longshore, id);
        longshore.call(Request.delete("/containers/" + id)).expect(204);
        assertThat(lines.getFirst()).contains("No such file or directory");
        assertThat(lines).as("the sockets of the host's network").anyMatch(line -> line.contains(socket.toString()));
        assertThat(lines).as("abstract sockets").noneMatch(line -> line.matches(".* @\\S*PGSQL.*"));
        String uid = Files.getAttribute(Path.of("/proc/" + servers().getFirst()), "unix:uid")
                .toString();
        assertThat(lines).as("tables of TCP").anyMatch(line -> line.contains("local_address"));
        assertThat(lines)
                .noneMatch(line -> TCP.matcher(line).matches()
                        && line.strip().split("\\s+")[7].equals(uid));
    }

    @Test
    void aKilledServerIsStartedAgain() throws Exception {
        Path pidFile = longshore.work().resolve("postgres/data/postmaster.pid");
        String killed = Files.readAllLines(pidFile).getFirst();
        ProcessHandle.of(Long.parseLong(killed)).orElseThrow().destroyForcibly();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Files.exists(pidFile)
                || Files.readAllLines(pidFile).getFirst().equals(killed)
                || !aContainerCanBeMade()) {
            assertThat(System.nanoTime()).as("the API answers again").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(200);
        }
        assertThat(servers()).isNotEmpty();
    }

    /** What every service has a part in: each may have kept a connection that ended with the old server, and says so once. */
    private boolean aContainerCanBeMade() {
        var made = longshore.call(
                Request.post("/containers/create", "{\"Image\":\"busybox\",\"Volumes\":{\"/data\":{}}}"));
        assertThat(made.status()).as(made.text()).isIn(201, 503);
        return made.status() == 201
                && longshore
                                .call(Request.delete(
                                        "/containers/" + made.json().path("Id").asString() + "?v=1"))
                                .status()
                        == 204;
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
    void theServerIsNotRootAndItsSocketIsItsOwn() throws IOException {
        for (long pid : servers()) {
            assertThat(Files.getOwner(Path.of("/proc/" + pid)).getName())
                    .as("user of the server's process %d", pid)
                    .isNotEqualTo("root");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
        assertThat(Path.of("/tmp/.s.PGSQL.5432")).doesNotExist();
    }

    private List<Long> servers() throws IOException {
        List<Long> servers = new ArrayList<>();
        for (long pid : longshore.pids()) {
            if (Files.readString(Path.of("/proc/" + pid + "/comm")).startsWith("postgres")) {
                servers.add(pid);
            }
        }
        assertThat(servers).as("PostgreSQL's processes").isNotEmpty();
        return servers;
    }

    private static String asNobody(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(
                List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"));
        all.addAll(List.of(command));
        return run(all.toArray(String[]::new));
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            return said;
        }
    }
}
