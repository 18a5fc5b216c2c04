package io.longshore.acceptance.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.api.ApiCases;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another user of the machine, and a container in its network: what they get at of a Longshore that runs (CVE-2021-41091, CVE-2024-25621). */
class OtherUsersRootIT extends ApiCases {
    private static final String SECRET = "Tr0ub4dor";

    /** Names of the input that the user reads, lists, writes or connects to. */
    private static final String TRY = """
            use Fcntl; use IO::Socket::UNIX;
            while (my $name = <STDIN>) {
              chomp $name;
              my $got = -d $name ? opendir(my $directory, $name)
                : -S _ ? IO::Socket::UNIX->new(Peer => $name)
                : sysopen(my $file, $name, O_RDONLY | O_NONBLOCK);
              print "$name\\n" if $got || -w $name;
            }
            """;

    /** What a case leaves beside the directories, for all to read. */
    private Path canary = Path.of("/nothing");

    private Longshore longshore() {
        return (Longshore) engine;
    }

    @BeforeEach
    void onlyLongshore() {
        assumeTrue(engine instanceof Longshore, "it is not what is attacked");
        canary = longshore().work().resolveSibling("canary");
    }

    @AfterEach
    void removeVolume() throws IOException {
        if (engine instanceof Longshore) {
            removeAll();
            call(Request.delete("/volumes/data?force=1"));
            Files.deleteIfExists(canary);
        }
    }

    private void removeAll() {
        for (var container : call(Request.get("/containers/json?all=1")).json()) {
            call(Request.delete("/containers/" + container.path("Id").asString() + "?force=1&v=1"));
        }
    }

    /** All that Longshore has on disk, where nothing is hidden from root: a line of mode, type and name each. */
    private List<String> tree() throws Exception {
        return run(
                        "",
                        "find",
                        longshore().work().toString(),
                        longshore().work().resolveSibling("run").toString(),
                        longshore().work().resolveSibling("postgres").toString(),
                        longshore().agentRun().toString(),
                        "-ignore_readdir_race",
                        "-printf",
                        "%m %y %p\\n")
                .lines()
                .filter(line -> line.matches("[0-7]+ [a-z] /.*"))
                .toList();
    }

    private static String run(String input, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        Thread.ofVirtual().start(() -> {
            try (OutputStream out = process.getOutputStream()) {
                out.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                process.destroy();
            }
        });
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said;
    }

    /** A container that runs, with a volume, a file of its own and something in its log, all of which anybody may read inside. */
    private String busy() throws IOException {
        String script =
                "echo " + SECRET + "; echo x > /own; echo x > /data/own; chmod 777 /own /data/own /data; sleep 60";
        String id = call(Request.post(
                        "/containers/create",
                        "{\"Image\":\"busybox\",\"Env\":[\"PASSWORD=" + SECRET + "\"],\"Cmd\":[\"sh\",\"-c\",\""
                                + script + "\"],\"HostConfig\":{\"Binds\":[\"data:/data\"]}}"))
                .expect(201)
                .json()
                .path("Id")
                .asString();
        start(id);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!Files.exists(longshore().work().resolve("volumes/data/_data/own")) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        return id;
    }

    /** Which of all there is, and of the canary, a user gets at. */
    private List<String> gets(String user, String group) throws Exception {
        String id = busy();
        Files.writeString(canary, "for all");
        Files.setPosixFilePermissions(canary, PosixFilePermissions.fromString("rw-r--r--"));
        List<String> names = new ArrayList<>(
                tree().stream().map(line -> line.split(" ", 3)[2]).toList());
        assertThat(names)
                .contains(longshore().socket().toString())
                .anyMatch(name -> name.endsWith(id + "/diff/own"))
                .anyMatch(name -> name.endsWith("volumes/data/_data/own"))
                .anyMatch(name -> name.endsWith(id + "-json.log"))
                .anyMatch(name -> name.endsWith("superuser.password"))
                .anyMatch(name -> name.endsWith("/bin/busybox"));
        names.add(canary.toString());
        String all = String.join("\n", names) + "\n";
        return run(all, "setpriv", "--reuid=" + user, "--regid=" + group, "--clear-groups", "perl", "-e", TRY)
                .lines()
                .toList();
    }

    @Test
    void anotherUserGetsAtNothing() throws Exception {
        // Beside the work directory, where separate processes have theirs, PostgreSQL's rules of who may log in can be
        // read: no secret.
        assertThat(gets("65534", "65534"))
                .filteredOn(name -> !name.equals(postgres() + "/pg_hba.conf"))
                .containsExactly(canary.toString());
    }

    /** It may pass through the work directory. */
    @Test
    void theDatabasesUserGetsAtTheDatabaseAlone() throws Exception {
        Path postgres = postgres();
        assertThat(gets(
                        Files.getAttribute(postgres.resolve("data"), "unix:uid").toString(),
                        Files.getAttribute(postgres.resolve("data"), "unix:gid").toString()))
                .anyMatch(name -> name.startsWith(postgres + "/data/"))
                .doesNotContain(postgres + "/superuser.password")
                .filteredOn(name -> !name.startsWith(postgres + "/"))
                .containsExactly(canary.toString());
    }

    /** Of either form. */
    private Path postgres() {
        Path own = longshore().work().resolve("postgres");
        return Files.isDirectory(own) ? own : longshore().work().resolveSibling("postgres");
    }

    @Test
    void directoriesAreClosed() throws Exception {
        busy();
        String work = longshore().work().toString();
        String run = longshore().work().resolveSibling("run").toString();
        Map<String, String> modes = new HashMap<>();
        for (String line : tree()) {
            String[] parts = line.split(" ", 3);
            if (parts[1].equals("d")) {
                modes.put(parts[2], parts[0]);
            }
        }
        assertThat(modes.get(work)).isIn("700", "710");
        assertThat(modes)
                .containsEntry(run, "750")
                .containsEntry(run + "/services", "700")
                .containsEntry(longshore().agentRun().toString(), "700")
                .containsEntry(postgres() + "/data", "700")
                .containsEntry(postgres() + "/socket", "700");
        modes.keySet().removeIf(name -> !name.matches(Pattern.quote(work) + "/[^/]+") || name.endsWith("/postgres"));
        assertThat(modes)
                .containsKeys(
                        work + "/overlay2", work + "/content", work + "/containers", work + "/volumes", work + "/state")
                .allSatisfy((name, mode) -> assertThat(mode).as(name).isEqualTo("700"));
    }

    @Test
    void whatIsSecretIsInNoFileThatOthersMayRead() throws Exception {
        busy();
        String password =
                Files.readString(postgres().resolve("superuser.password")).strip();
        List<String> secret = new ArrayList<>();
        for (String line : tree()) {
            String[] parts = line.split(" ", 3);
            if (parts[1].equals("f") && !parts[2].contains("/overlay2/") && !parts[2].contains("/content/sha256/")) {
                String text = run("", "cat", parts[2]);
                if (text.contains(SECRET) || text.contains(password)) {
                    secret.add(parts[0] + " " + parts[2].replaceAll("[0-9a-f]{64}", "ID"));
                }
            }
        }
        assertThat(secret)
                .contains("600 " + postgres() + "/superuser.password")
                .contains("600 " + longshore().work() + "/containers/ID/state")
                .contains("640 " + longshore().work() + "/containers/ID/ID-json.log")
                .allMatch(line -> line.matches("[0-7]{2}0 .*"));
    }

    /** Who has the network has its abstract sockets, whatever directory hides the others (CVE-2020-15257). */
    @Test
    void noSocketIsInTheNetworkInsteadOfADirectory() throws Exception {
        String name = "longshore-acceptance-" + ProcessHandle.current().pid();
        Process ours = new ProcessBuilder(
                        "perl",
                        "-MSocket",
                        "-e",
                        "socket(S, AF_UNIX, SOCK_STREAM, 0) && bind(S, pack_sockaddr_un(\"\\0" + name
                                + "\")) or die $!; $| = 1; print \"bound\\n\"; <STDIN>")
                .start();
        try {
            assertThat(ours.inputReader().readLine()).isEqualTo("bound");
            busy();
            List<String> sockets = said("{\"Image\":\"busybox\",\"Cmd\":[\"cut\",\"-c1-200\",\"/proc/net/unix\"],"
                            + "\"HostConfig\":{\"NetworkMode\":\"host\"}}")
                    .lines()
                    .toList();
            assertThat(sockets)
                    .anyMatch(line -> line.contains(longshore().socket().toString()));
            assertThat(sockets.stream().filter(line -> line.contains(" @")))
                    .singleElement()
                    .asString()
                    .endsWith("@" + name);
        } finally {
            ours.destroyForcibly().waitFor();
        }
    }
}
