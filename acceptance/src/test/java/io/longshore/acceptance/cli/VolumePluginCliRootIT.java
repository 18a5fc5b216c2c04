package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Volumes of a plugin that speaks Docker's volume plugin protocol: what a user does, and what the plugin is told. */
class VolumePluginCliRootIT extends PluginCases {
    @Test
    void createsInspectsListsAndRemoves() {
        docker.ok("volume create --driver plugged --opt colour=blue --label tier=back data")
                .prints("data\n");
        docker.ok("volume create --driver plugged --opt colour=blue data").prints("data\n");
        assertThat(plugin.options("data")).isEqualTo("\"colour\":\"blue\"");
        docker.ok("volume inspect --format '{{.Name}} {{.Driver}} {{.Scope}} {{json .Options}} {{json .Labels}}' data")
                .prints("data plugged global {\"colour\":\"blue\"} {\"tier\":\"back\"}\n");
        docker.ok("volume inspect --format '{{.CreatedAt}} {{.Status.health}} {{.Status.copies}}' data")
                .prints("2020-02-02T02:02:02Z good 3\n");
        docker.probe("volume inspect --format {{.Mountpoint}} data")
                .prints(plugin.volumes().resolve("data") + "\n");
        docker.ok("volume ls").printsMatch("^DRIVER +VOLUME NAME\nplugged +data\n$");
        docker.ok("volume ls -q --filter driver=plugged --filter label=tier=back")
                .prints("data\n");
        docker.ok("volume ls -q --filter driver=local").prints("");
        docker.ok("volume rm data").prints("data\n");
        docker.run("volume inspect data").exits(1).saysMatch("(get data: no such volume|No such volume: data)");
        assertThat(changes()).containsExactly("Create Name=data colour=blue", "Remove Name=data");
    }

    @Test
    void infoNamesIt() {
        docker.ok("volume create -d plugged data");
        await(() ->
                docker.probe("info --format '{{json .Plugins.Volume}}'").text().equals("[\"local\",\"plugged\"]"));
    }

    @Test
    void containersHaveItMountedWhileTheyRun() throws IOException {
        docker.ok("volume create -d plugged data");
        docker.ok("run -d --name one --network none -v data:/data busybox sleep 60");
        docker.ok("exec one sh -c 'echo written > /data/file'");
        assertThat(plugin.volumes().resolve("data/file")).hasContent("written");
        Files.writeString(plugin.volumes().resolve("data/other"), "from outside");
        docker.ok("exec one cat /data/other").prints("from outside");
        docker.ok("run -d --name two --network none --volumes-from one busybox sleep 60");
        docker.ok("exec two cat /data/file").prints("written\n");
        docker.ok("inspect --format '{{json .Mounts}}' one");
        docker.run("volume rm data").exits(1).says("remove data: volume is in use");
        int before = plugin.calls("Mount").size() - plugin.calls("Unmount").size();
        assertThat(before).isEqualTo(2);
        docker.ok("restart -t 0 one");
        docker.ok("kill two");
        docker.awaitExit("two");
        await(() -> plugin.calls("Mount").size() - plugin.calls("Unmount").size() == 1);
        docker.ok("rm -f one two");
        await(() -> plugin.calls("Mount").size() == plugin.calls("Unmount").size());
        assertThat(plugin.calls("Unmount")).containsExactlyInAnyOrderElementsOf(plugin.calls("Mount"));
        assertThat(plugin.calls("Mount")).allMatch(call -> call.startsWith("Name=data ID="));
        docker.ok("volume rm data");
        assertThat(plugin.volumes()).isEmptyDirectory();
    }

    @Test
    void containersBringTheirOwn() {
        shell("--volume-driver plugged -v data:/data -v /anonymous", "echo > /data/f; echo > /anonymous/f")
                .ok();
        assertThat(plugin.volumes().resolve("data/f")).exists();
        docker.ok("volume ls").printsMatch("^DRIVER +VOLUME NAME\nplugged +data\n$");
        assertThat(plugin.calls("Remove")).hasSize(1);
        shell("--mount type=volume,volume-driver=plugged,volume-opt=a=b,src=more,dst=/data", "echo > /data/f")
                .ok();
        assertThat(plugin.options("more")).isEqualTo("\"a\":\"b\"");
        docker.ok("volume ls -q").prints("data\nmore\n");
    }

    @Test
    void anEmptyOneGetsWhatTheImageHas() {
        shell("--volume-driver plugged -v data:/etc", "true").ok();
        assertThat(plugin.volumes().resolve("data/passwd")).exists();
        shell("--volume-driver plugged -v bare:/etc:nocopy", "ls /etc").ok();
        assertThat(plugin.volumes().resolve("bare/passwd")).doesNotExist();
    }

    @Test
    void copiesIntoAndOutOfOneThatDoesNotRun() throws IOException {
        docker.ok("create --name still --network none --volume-driver plugged -v data:/data busybox true");
        write("file", Docker.bytes("copied"));
        docker.ok("cp file still:/data/file");
        assertThat(plugin.volumes().resolve("data/file")).hasContent("copied");
        docker.ok("cp still:/data/file back");
        assertThat(docker.home().resolve("back")).hasContent("copied");
        await(() -> plugin.calls("Mount").size() == plugin.calls("Unmount").size());
    }

    @Test
    void whatThePluginHasIsThereWhoeverMadeIt() throws IOException {
        Files.createDirectory(plugin.volumes().resolve("foreign"));
        docker.ok("volume ls").printsMatch("^DRIVER +VOLUME NAME\nplugged +foreign\n$");
        docker.ok("volume ls -q --filter dangling=true").prints("foreign\n");
        docker.ok("volume inspect --format '{{.Driver}} {{.Scope}} {{json .Labels}}' foreign")
                .prints("plugged global null\n");
        shell("-v foreign:/data", "echo used > /data/file").ok();
        assertThat(plugin.volumes().resolve("foreign/file")).hasContent("used");
        assertThat(plugin.calls("Create")).isEmpty();
        Files.createDirectory(plugin.volumes().resolve("another"));
        docker.ok("volume ls -q").prints("another\nforeign\n");
        docker.ok("volume rm another foreign").prints("another\nforeign\n");
        assertThat(plugin.volumes()).isEmptyDirectory();
    }

    @Test
    void aNameBelongsToOneDriver() {
        docker.ok("volume create -d plugged data");
        docker.run("volume create -d local data")
                .exits(1)
                .says("create data: driver 'plugged' already has volume 'data': volume name must be unique");
        docker.ok("volume create own");
        docker.run("volume create -d plugged own").exits(1).says("driver 'local' already has volume 'own'");
        assertThat(changes()).containsExactly("Create Name=data");
    }

    @Test
    void saysWhatThePluginSays() {
        docker.run("volume create -d plugged -o size=1g data")
                .exits(1)
                .says("create data: size is no option of this plugin");
        docker.ok("volume ls -q").prints("");
        docker.ok("volume create -d plugged data");
        plugin.answers("Remove", "{\"Err\":\"it is precious\"}");
        docker.run("volume rm data").exits(1).says("remove data: it is precious");
        docker.run("volume rm -f data").exits(1).says("remove data: it is precious");
        docker.ok("volume ls -q").prints("data\n");
        plugin.answersWell("Remove");
        plugin.answers("Mount", "{\"Err\":\"out of order\"}");
        docker.ok("create --name waits --network none -v data:/data busybox true");
        docker.run("start waits").exits(1).saysMatch("error while mounting volume '[^']*': out of order");
        plugin.answers("Mount", "HTTP/1.1 500 Broken\r\nContent-Length: 4\r\n\r\nlost");
        docker.run("start waits").exits(1).saysMatch("error while mounting volume '[^']*': VolumeDriver.Mount: lost");
        plugin.answersWell("Mount");
        docker.ok("start waits");
        docker.awaitExit("waits");
        plugin.answers("Get", "{\"Err\":\"never heard of it\"}");
        docker.run("volume inspect data").exits(1).saysMatch("(get data: no such volume|No such volume: data)");
        plugin.answersWell("Get");
    }

    @Test
    void anEndIsAnEndWhateverThePluginMakesOfIt() {
        docker.ok("volume create -d plugged data");
        plugin.answers("Unmount", "{\"Err\":\"I hold on to it\"}");
        shell("-v data:/data", "true").ok();
        docker.ok("run --name ends --network none -v data:/data busybox true");
        docker.ok("rm ends");
    }

    @Test
    void aListThatFailsIsAWarning() {
        docker.ok("volume create own");
        plugin.answers("List", "{\"Err\":\"no list today\"}");
        docker.ok("volume ls -q").prints("own\n");
        assertThat(docker.engine()
                        .call(Request.get("/volumes"))
                        .json()
                        .path("Warnings")
                        .toString())
                .isEqualTo("[\"list plugged: no list today\"]");
        plugin.answersWell("List");
    }

    @Test
    void pruningLeavesThemAlone() {
        docker.ok("volume create -d plugged data");
        docker.probe("volume prune -f").ok();
        docker.ok("volume ls -q").prints("data\n");
        docker.ok("system df --format '{{.Type}}: {{.TotalCount}}'").printsPart("Local Volumes: 0\n");
    }

    @Test
    void eventsNameTheDriver() {
        String since = now();
        docker.ok("volume create -d plugged data");
        shell("-v data:/data", "true").ok();
        docker.ok("volume rm data");
        List<String> events = docker.probe("events --since " + since + " --until " + now()
                        + " --filter type=volume --format '{{.Action}} {{.Actor.ID}} {{.Actor.Attributes.driver}}'")
                .ok()
                .lines();
        assertThat(events)
                .contains("create data plugged", "mount data plugged", "unmount data plugged", "destroy data plugged");
    }

    @Test
    void namesThatArePathsAreNoPlugins() {
        for (String name : List.of("../plugged", "/etc/passwd", "a/../plugged", "plugged/plugged", "plugged.sock")) {
            docker.probe("volume create -d " + name + " data")
                    .exits(1)
                    .says("create data: error looking up volume plugin " + name + ": plugin \"" + name
                            + "\" not found");
            if (!subject.longshore()) {
                return; // Docker Engine takes a quarter of a minute to say so.
            }
        }
    }
}
