package io.longshore.acceptance.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.LeakCheck;
import io.longshore.testbed.engine.ExternalPostgres;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A Longshore with containers outgrows its embedded database: nothing is lost, and what runs does not notice. */
@Order(6)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class MigrateDatabaseRootIT {
    @Test
    void everythingIsThereAfterwardsAndWhatRanRuns() throws Exception {
        assumeTrue(Form.picked().anyMatch(Form.STANDALONE::equals), "the standalone form is not picked");
        Path top = Files.createTempDirectory("longshore-moved-");
        Files.setPosixFilePermissions(top, PosixFilePermissions.fromString("rwx--x--x"));
        Path own = top.resolve("moved");
        try (ExternalPostgres external = ExternalPostgres.start(top.resolve("external"));
                Standalone longshore = Standalone.start(own)) {
            String running = fill(longshore);
            JsonNode before = longshore
                    .call(Request.get("/containers/" + running + "/json"))
                    .expect(200)
                    .json();
            List<JsonNode> lists = lists(longshore);
            assertThat(migrate(own, external)).contains("longshore: Longshore runs already on " + longshore.work());
            longshore.stop();

            killInTheMidst(own, longshore, external);
            assertThat(migrate(own, external))
                    .contains(
                            "Moved. From now on ./longshore up uses it:",
                            longshore.work().resolve("database.properties").toString())
                    .containsPattern("container +[0-9]+ rows in [0-9]+ tables, the same on both sides");
            assertThat(external.finds("select 1 from pg_namespace where nspname = 'longshore_migration'"))
                    .isFalse();
            assertThat(longshore.work().resolve("postgres/data")).doesNotExist();
            assertThat(longshore.work().resolve("postgres/data.moved")).isDirectory();

            assertThat(migrate(own, external)).contains("names an external database, which is in use already");
            assertNobodyStartsOnWhatWas(own, longshore);

            longshore.restart();
            assertThat(lists(longshore)).isEqualTo(lists);
            JsonNode after = longshore
                    .call(Request.get("/containers/" + running + "/json"))
                    .expect(200)
                    .json();
            assertThat(after).isEqualTo(before);
            assertThat(longshore.pids().stream()
                            .map(pid -> Path.of("/proc/" + pid + "/cwd"))
                            .filter(cwd -> at(cwd).startsWith(longshore.work().resolve("postgres"))))
                    .as("processes of an embedded server")
                    .isEmpty();
            assertEachEventOnce(longshore, running);
            assertUsable(longshore, running);
            empty(longshore);
            LeakCheck.onTheMachine(longshore);
        } finally {
            Trees.delete(top);
        }
    }

    private static String fill(Standalone longshore) throws IOException {
        longshore
                .call(Request.postTar("/images/load?quiet=1", Busybox.image().archive()))
                .expect(200);
        longshore
                .call(Request.post("/networks/create", "{\"Name\":\"front\",\"Labels\":{\"a\":\"b\"}}"))
                .expect(201);
        longshore
                .call(Request.post("/volumes/create", "{\"Name\":\"data\",\"Labels\":{\"c\":\"\"}}"))
                .expect(201);
        create(longshore, "made", "true");
        String ended = create(longshore, "ended", "exit 3");
        longshore.call(Request.post("/containers/" + ended + "/start")).expect(204);
        longshore.call(Request.post("/containers/" + ended + "/wait")).expect(200);
        String running = create(longshore, "running", "echo kept > /data/file; exec sleep 3600");
        longshore.call(Request.post("/containers/" + running + "/start")).expect(204);
        return running;
    }

    private static String create(Standalone longshore, String name, String script) throws IOException {
        String body = """
                {"Image":"busybox","Cmd":["sh","-c","echo begun; %s"],"Labels":{"who":"%s ☃"},
                 "HostConfig":{"NetworkMode":"front","Mounts":[{"Type":"volume","Source":"data","Target":"/data"}]}}
                """.formatted(script, name);
        return longshore
                .call(Request.post("/containers/create?name=" + name, body))
                .expect(201)
                .json()
                .path("Id")
                .asString();
    }

    /** Containers without the words on how long ago it was, networks, volumes and images. */
    private static List<JsonNode> lists(Standalone longshore) throws IOException {
        List<JsonNode> lists = new ArrayList<>();
        for (String target : List.of("/containers/json?all=1", "/networks", "/volumes", "/images/json")) {
            JsonNode list = longshore.call(Request.get(target)).expect(200).json();
            for (JsonNode one : list) {
                if (one instanceof ObjectNode object && object.has("State")) {
                    object.remove("Status");
                }
            }
            assertThat(list.size()).as(target).isPositive();
            lists.add(list);
        }
        return lists;
    }

    private static void killInTheMidst(Path own, Standalone longshore, ExternalPostgres external) throws Exception {
        Process killed = start(own, external, "killed.out");
        try {
            assertThat(Await.until(
                            Duration.ofMinutes(1),
                            () -> external.finds("select 1 from pg_namespace where nspname = 'longshore_migration'")
                                    || !killed.isAlive()))
                    .isTrue();
            assertThat(killed.isAlive()).as(read(own, "killed.out")).isTrue();
        } finally {
            killed.destroyForcibly();
        }
        assertThat(killed.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(longshore.work().resolve("database.properties")).doesNotExist();
        assertThat(longshore.work().resolve("postgres/data")).isDirectory();
        assertThat(external.finds("select 1 from pg_namespace where nspname = 'longshore_migration'"))
                .as("it was killed in the midst")
                .isTrue();
    }

    private static Process start(Path own, ExternalPostgres external, String log) {
        return Standalone.migrate(
                own,
                log,
                "--to",
                external.url(),
                "--user",
                "postgres",
                "--password-file",
                external.passwordFile().toString());
    }

    private static String migrate(Path own, ExternalPostgres external) throws Exception {
        Files.deleteIfExists(own.resolve("migrate.out"));
        Process process = start(own, external, "migrate.out");
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(read(own, "migrate.out").contains("longshore: ")).isEqualTo(process.exitValue() != 0);
        return read(own, "migrate.out");
    }

    private static void assertEachEventOnce(Standalone longshore, String running) throws IOException {
        longshore.call(Request.post("/containers/" + running + "/pause")).expect(204);
        longshore.call(Request.post("/containers/" + running + "/unpause")).expect(204);
        List<String> actions = new ArrayList<>();
        String target = "/events?since=0&until=" + (System.currentTimeMillis() / 1000 + 2) + "&filters="
                + "%7B%22container%22%3A%5B%22" + running + "%22%5D%2C%22type%22%3A%5B%22container%22%5D%7D";
        for (String line :
                longshore.call(Request.get(target)).expect(200).text().split("\n")) {
            if (line.contains("\"Action\":\"")) {
                actions.add(line.replaceFirst(".*\"Action\":\"([^\"]*)\".*", "$1"));
            }
        }
        assertThat(actions).containsExactly("create", "start", "pause", "unpause");
    }

    private static void assertUsable(Standalone longshore, String running) throws IOException {
        String exec = longshore
                .call(Request.post(
                        "/containers/" + running + "/exec",
                        "{\"Cmd\":[\"cat\",\"/data/file\"],\"AttachStdout\":true,\"Tty\":true}"))
                .expect(201)
                .json()
                .path("Id")
                .asString();
        assertThat(longshore
                        .call(Request.post("/exec/" + exec + "/start", "{\"Tty\":true}"))
                        .text())
                .contains("kept");
        String another = create(longshore, "another", "exec sleep 3600");
        longshore.call(Request.post("/containers/" + another + "/start")).expect(204);
        longshore.call(Request.delete("/volumes/data")).expect(409);
    }

    /** Neither on the data of before nor on new data in its place, as long as nobody has said so. */
    private static void assertNobodyStartsOnWhatWas(Path own, Standalone longshore) throws Exception {
        Path file = longshore.work().resolve("database.properties");
        Files.move(file, own.resolve("hidden"));
        Process refused = Standalone.spawn(own, "refused.out");
        try {
            assertThat(refused.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            refused.destroyForcibly();
        }
        assertThat(read(own, "refused.out"))
                .contains("longshore: the database in " + longshore.work().resolve("postgres")
                        + " was moved to another server");
        Files.move(own.resolve("hidden"), file);
    }

    private static void empty(Standalone longshore) throws IOException {
        for (String name : List.of("made", "ended", "running", "another")) {
            longshore.call(Request.delete("/containers/" + name + "?force=1")).expect(204);
        }
        longshore.call(Request.delete("/networks/front")).expect(204);
        longshore.call(Request.delete("/volumes/data")).expect(204);
        longshore.call(Request.delete("/images/busybox")).expect(200);
    }

    private static Path at(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            return Path.of("/");
        }
    }

    private static String read(Path own, String log) throws IOException {
        return Files.exists(own.resolve(log)) ? Files.readString(own.resolve(log)) : "";
    }
}
