package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.running.OnStorageDriver;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Engines with the storage driver vfs: containers and images as with overlay2. */
@OnStorageDriver("vfs")
@OneForm
class VfsCliRootIT extends CliCases {
    private static final byte[] BASE = new TarArchive(Busybox.layer())
            .directory("kept/", 0755)
            .file("kept/old", "old\n")
            .directory("opaque/", 0700)
            .file("opaque/old", "old\n")
            .file("gone", "gone\n")
            .file("changed", "before\n")
            .bytes();

    private static final byte[] UPPER = new TarArchive()
            .file(".wh.gone", "")
            .file("kept/.wh.old", "")
            .file("kept/new", "new\n")
            .file("opaque/.wh..wh..opq", "")
            .file("opaque/new", "new\n")
            .file("changed", "after\n")
            .bytes();

    private void load() throws IOException {
        write(
                "image.tar",
                new SavedImage(List.of("layered:1"), Map.of("Cmd", List.of("sh")), List.of(BASE, UPPER)).archive());
        docker.ok("load -i image.tar").printsPart("Loaded image: layered:1\n");
    }

    @AfterEach
    void removeImages() {
        if (docker != null) {
            docker.probe("ps -aq").lines().forEach(container -> docker.probe("rm -f -v " + container));
            docker.probe("images --format {{.Repository}}:{{.Tag}}").lines().stream()
                    .filter(name -> !name.equals("busybox:latest"))
                    .forEach(name -> docker.probe("rmi -f " + name));
        }
    }

    @Test
    void tellsTheDriver() {
        docker.probe("info").ok().printsPart("Storage Driver: vfs\n");
        docker.ok("create --name box --network none busybox true");
        docker.ok("inspect --format '{{.Driver}} {{.GraphDriver.Name}}' box").prints("vfs vfs\n");
        docker.ok("image inspect --format '{{.GraphDriver.Name}}' busybox").prints("vfs\n");
    }

    @Test
    void layersHideWhatIsBelow() throws IOException {
        load();
        docker.ok("run --rm --network none layered:1 sh -c 'ls -A kept opaque; cat changed; [ -e gone ] || echo no'")
                .prints("kept:\nnew\n\nopaque:\nnew\nafter\nno\n");
        docker.ok("run --rm --network none layered:1 stat -c '%a %n' opaque kept")
                .prints("700 opaque\n755 kept\n");
    }

    @Test
    void containersHaveRootsOfTheirOwn() {
        docker.ok("run -d --name one --network none busybox sh -c 'echo one >/own; sleep 600'");
        docker.ok("run --name two --network none busybox sh -c 'ls /own; echo two >/own; cat /own'")
                .prints("two\n");
        docker.awaitExit("two");
        docker.ok("exec one cat /own").prints("one\n");
        docker.ok("restart -t 0 one");
        docker.ok("exec one cat /own").prints("one\n");
        docker.run("run --rm --read-only --network none busybox sh -c 'echo x >/own'")
                .exits(1)
                .says("Read-only file system");
    }

    @Test
    void copiesInAndOutOfWhatRunsAndWhatDoesNot() throws IOException {
        write("in", Docker.bytes("from outside\n"));
        docker.ok(
                "create --name box -v /vol --network none busybox sh -c 'cat /in /vol/in >/both; echo done >/out; echo ready; sleep 600'");
        docker.ok("cp in box:/in");
        docker.ok("cp in box:/vol/in");
        docker.ok("start box");
        docker.awaitLog("box", "ready");
        docker.ok("exec box cat /both").prints("from outside\nfrom outside\n");
        docker.ok("cp in box:/etc/running");
        docker.ok("exec box cat /etc/running").prints("from outside\n");
        docker.probe("kill box").ok();
        docker.awaitExit("box");
        docker.ok("cp box:/out out");
        assertThat(docker.home().resolve("out")).hasContent("done\n");
        docker.ok("cp box:/vol/in vol");
        assertThat(docker.home().resolve("vol")).hasContent("from outside\n");
        docker.run("cp box:/nosuch here").exits(1);
    }

    @Test
    void aVolumeIsFilledFromTheImage() throws IOException {
        load();
        docker.ok("run --rm -v named:/opaque --network none layered:1 ls /opaque")
                .prints("new\n");
        docker.ok("volume rm named");
    }

    @Test
    void savesAndLoadsWhatWasCommitted() throws IOException {
        load();
        docker.ok(
                "run --name box --network none layered:1 sh -c 'rm changed; rm -r kept; mkdir kept; echo n >kept/n; chmod 4711 opaque/new; ln opaque/new second'");
        docker.ok("commit box made:1");
        docker.ok("save -o made.tar made:1");
        docker.ok("rm box");
        docker.ok("rmi made:1").printsPart("Untagged: made:1\n");
        docker.ok("load -i made.tar").printsPart("Loaded image: made:1\n");
        docker.ok("run --rm --network none made:1 sh -c 'ls kept; ls changed; stat -c \"%a %h\" second'; true")
                .prints("n\n4711 2\n");
        assertThat(Files.size(docker.home().resolve("made.tar"))).isPositive();
    }

    @Test
    void tellsSizes() {
        docker.ok(
                "run --name box --network none busybox sh -c 'dd if=/dev/zero of=/big bs=1000 count=100 2>/dev/null'");
        docker.ok("ps -a --size --format '{{.Names}} {{.Size}}'").printsMatch("box 100kB \\(virtual [0-9.]+MB\\)");
    }

    @Test
    void aSizeIsRefused() {
        docker.run("run --rm --network none --storage-opt size=1G busybox true")
                .exits(125)
                .saysMatch("storage-opt|quotas");
        assertThat(docker.probe("ps -aq").text()).isEmpty();
    }
}
