package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code docker save} and {@code docker load} between engines and tools, and {@code docker image prune}. */
class SaveLoadCliRootIT extends RegistryCases {
    private static final SavedImage IMAGE = image("saved:1");

    private void load() throws IOException {
        write("image.tar", IMAGE.archive());
        docker.probe("load -q -i image.tar").ok();
    }

    private static String tool(Path directory, String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as("%s: %s", List.of(command), said).isZero();
            return said;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private String skopeo(String... arguments) {
        String[] command = new String[arguments.length + 2];
        command[0] = "skopeo";
        command[1] = "--insecure-policy";
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        return tool(docker.home(), command);
    }

    /** podman with its images in the case's directory, of which one may have a path of 50 characters only. */
    private String podman(String... arguments) {
        List<String> command = new ArrayList<>(List.of("podman", "--root", docker.home() + "/podman"));
        command.addAll(List.of("--runroot", docker.home() + "/r"));
        command.addAll(List.of("--storage-driver", "vfs", "--cgroup-manager", "cgroupfs"));
        command.addAll(List.of(arguments));
        return tool(docker.home(), command.toArray(String[]::new));
    }

    @Test
    void saveThenLoadIsTheSameImage() throws IOException {
        load();
        docker.ok("save -o saved.tar saved:1").prints("");
        docker.probe("rmi saved:1").ok();
        docker.ok("load -i saved.tar").printsPart("Loaded image: saved:1\n");
        assertThat(docker.value("saved:1", "{{.Id}}")).isEqualTo(IMAGE.id());
        docker.ok("run --rm --network none saved:1").prints("entry from image\n");
    }

    @Test
    void skopeoReadsWhatWasSaved() throws IOException {
        load();
        docker.ok("save -o saved.tar saved:1");
        skopeo("copy", "--quiet", "docker-archive:saved.tar", "oci:layout:1");
        assertThat(skopeo("inspect", "--config", "oci:layout:1")).contains("\"/bin/echo\"");
        assertThat(tool(docker.home(), "tar", "-tf", "saved.tar")).contains("manifest.json");
    }

    @Test
    void podmanLoadsWhatWasSavedAndSavesItForUs() throws IOException {
        load();
        docker.ok("save -o saved.tar saved:1");
        docker.probe("rmi saved:1").ok();
        assertThat(podman("load", "-q", "-i", "saved.tar")).contains("/saved:1");
        assertThat(podman("images", "--no-trunc", "-q").strip()).isEqualTo(IMAGE.id());
        podman("tag", "saved:1", "localhost/theirs:1");
        podman("save", "-q", "-o", "theirs.tar", "localhost/theirs:1");
        docker.ok("load -i theirs.tar").printsPart("Loaded image: localhost/theirs:1\n");
        assertThat(docker.value("localhost/theirs:1", "{{.Id}}")).isEqualTo(IMAGE.id());
        docker.ok("run --rm --network none localhost/theirs:1").prints("entry from image\n");
    }

    @Test
    @LongshoreOnly("Docker Engine 20.10 reads no OCI layout")
    void loadOfPodmansOciArchive() throws IOException {
        write("image.tar", IMAGE.archive());
        podman("load", "-q", "-i", "image.tar");
        podman("tag", "saved:1", "localhost/theirs:1");
        podman("save", "-q", "--format", "oci-archive", "-o", "theirs.tar", "localhost/theirs:1");
        docker.ok("load -i theirs.tar").printsPart("Loaded image: localhost/theirs:1\n");
        docker.ok("run --rm --network none localhost/theirs:1").prints("entry from image\n");
    }

    @Test
    @LongshoreOnly("Docker Engine writes this since version 25")
    void whatIsSavedIsAnOciLayoutToo() throws IOException {
        load();
        docker.ok("save -o saved.tar saved:1");
        Files.createDirectory(docker.home().resolve("layout"));
        tool(docker.home(), "tar", "-C", "layout", "-xf", "saved.tar");
        assertThat(skopeo("inspect", "--config", "oci:layout:1")).contains("\"/bin/echo\"");
        for (String blob : tool(docker.home(), "sh", "-c", "cd layout/blobs/sha256 && sha256sum *")
                .lines()
                .toList()) {
            assertThat(blob.substring(0, 64)).isEqualTo(blob.substring(66));
        }
    }

    @Test
    void saveManyAndAllTags() throws IOException {
        load();
        docker.probe("tag saved:1 saved:2").ok();
        docker.ok("save -o many.tar saved busybox:latest");
        docker.probe("rmi saved:1 saved:2").ok();
        Outcome loaded = docker.probe("load -i many.tar").ok();
        loaded.printsPart("Loaded image: saved:1\n", "Loaded image: saved:2\n", "Loaded image: busybox:latest\n");
        assertThat(docker.value("saved:2", "{{.Id}}")).isEqualTo(IMAGE.id());
    }

    @Test
    void saveById() throws IOException {
        load();
        docker.probe("save -o byid.tar " + IMAGE.id()).ok();
        docker.probe("rmi saved:1").ok();
        docker.ok("load -i byid.tar").printsPart("Loaded image ID: " + IMAGE.id() + "\n");
        docker.probe("rmi " + IMAGE.id()).ok();
    }

    @Test
    void saveOfWhatIsNotThere() {
        docker.run("save -o nosuch.tar nosuch:1").exits(1).saysMatch("reference does not exist|No such image");
        assertThat(docker.home().resolve("nosuch.tar")).doesNotExist();
    }

    @Test
    void saveToStandardOutput() throws IOException {
        load();
        Path target = docker.home().resolve("out.tar");
        docker.transfer("save saved:1", Path.of("/dev/null"), target, java.time.Duration.ofSeconds(60))
                .ok();
        assertThat(tool(docker.home(), "tar", "-tf", "out.tar")).contains("manifest.json");
    }

    @Test
    void loadOfSkopeosDockerArchive() throws IOException {
        write("image.tar", IMAGE.archive());
        skopeo("copy", "--quiet", "docker-archive:image.tar", "docker-archive:theirs.tar:theirs:1");
        docker.ok("load -i theirs.tar").printsPart("Loaded image: theirs:1\n");
        assertThat(docker.value("theirs:1", "{{.Id}}")).isEqualTo(IMAGE.id());
        docker.ok("run --rm --network none theirs:1").prints("entry from image\n");
    }

    @Test
    @LongshoreOnly("Docker Engine 20.10 reads no OCI layout")
    void loadOfSkopeosOciArchive() throws IOException {
        write("image.tar", IMAGE.archive());
        skopeo("copy", "--quiet", "docker-archive:image.tar", "oci-archive:theirs.tar:localhost/theirs:1");
        docker.ok("load -i theirs.tar").printsPart("Loaded image: localhost/theirs:1\n");
        docker.ok("run --rm --network none localhost/theirs:1").prints("entry from image\n");
    }

    @Test
    @LongshoreOnly("Docker Engine 20.10 reads no OCI layout")
    void loadOfZstd() throws IOException {
        write("image.tar", IMAGE.archive());
        skopeo(
                "copy",
                "--quiet",
                "--dest-compress-format=zstd",
                "--dest-compress",
                "docker-archive:image.tar",
                "oci:zstd:1");
        assertThat(tool(docker.home(), "sh", "-c", "cat zstd/blobs/sha256/* | grep -c 'tar+zstd'")
                        .strip())
                .isEqualTo("1");
        tool(docker.home(), "tar", "-C", "zstd", "-cf", "zstd.tar", ".");
        // skopeo writes the configuration anew, so that the image has another id.
        String id = docker.ok("load -i zstd.tar")
                .printsPart("Loaded image ID: sha256:")
                .text();
        docker.ok("run --rm --network none " + id.substring(id.lastIndexOf(' ') + 1))
                .prints("entry from image\n");
    }

    @Test
    @LongshoreOnly("Docker Engine 20.10 has no zstd")
    void pullOfZstd() {
        // No layer that the registry has with gzip already: skopeo would take that.
        SavedImage image = new SavedImage(
                List.of("zstd:1"),
                Map.of("Cmd", List.of("echo", "entry from image")),
                List.of(new TarArchive(Busybox.layer()).file("zstd", "yes\n").bytes()));
        registry().put(image, "zstd:1", "--format=oci", "--dest-compress-format=zstd", "--dest-compress");
        assertThat(registry().skopeo("inspect", "--raw", "--tls-verify=false", "docker://" + at("zstd:1")))
                .contains("tar+zstd");
        docker.ok("run --rm --network none " + at("zstd:1")).prints("entry from image\n");
        docker.probe("tag " + at("zstd:1") + " " + at("again:1")).ok();
        docker.probe("push -q " + at("again:1")).ok();
        assertThat(registry().skopeo("inspect", "--raw", "--tls-verify=false", "docker://" + at("again:1")))
                .contains("tar+zstd");
    }

    @Test
    void pullOfAnOciImage() {
        registry().put(IMAGE, "oci:1", "--format=oci");
        docker.ok("run --rm --network none " + at("oci:1")).prints("entry from image\n");
    }

    @Test
    void exactTreesComeAndGo() throws IOException {
        tool(docker.home(), "sh", "-c", """
                mkdir -p t/d/empty t/opaque && cd t && echo one >d/file && ln d/file d/hard && ln -s file d/link && mkfifo d/fifo
                chmod 4755 d/file && chown 123:4567 d/file && chown -h 7:8 d/link && chmod 1777 d/empty
                touch -d '2001-02-03 04:05:06.789' d/file && touch -h -d '2002-03-04 05:06:07' d/link
                tar --format=pax --sort=name -cf ../tree.tar .
                """);
        docker.probe("import tree.tar tree:1").ok();
        docker.probe("save -o tree-saved.tar tree:1").ok();
        String listing = "tar --full-time --numeric-owner -tvf ";
        String before = tool(docker.home(), "sh", "-c", listing + "tree.tar");
        String after = tool(docker.home(), "sh", "-c", """
                mkdir x && tar -C x -xf tree-saved.tar && layer=$(ls -S x/blobs/sha256/* x/*/layer.tar 2>/dev/null | head -1)
                %s $layer
                """.formatted(listing));
        assertThat(after).isEqualTo(before);
    }

    @Test
    void pruneTakesWhatHasNoTag() throws IOException {
        load();
        docker.probe("tag busybox saved:1").ok();
        docker.probe("rmi saved:1").ok();
        docker.probe("image prune -f").ok().printsPart("Total reclaimed space: ");
        assertThat(docker.probe("images -q --no-trunc").lines()).doesNotContain(IMAGE.id());
        docker.ok("run --rm --network none busybox echo still").prints("still\n");
    }

    @Test
    void pruneAllLeavesWhatIsUsed() throws IOException {
        load();
        docker.probe("create --name user --network none busybox true").ok();
        docker.probe("image prune -af").ok().printsPart("untagged: saved:1\n", "deleted: " + IMAGE.id());
        docker.ok("images --format {{.Repository}}:{{.Tag}}").prints("busybox:latest\n");
    }

    @Test
    void pruneFilters() throws IOException {
        load();
        docker.probe("create --name user --network none busybox true").ok();
        docker.probe("image prune -af --filter until=2001-01-01T00:00:00").ok().printsPart("Total reclaimed space: 0B");
        docker.probe("image prune -af --filter label=nosuch").ok().printsPart("Total reclaimed space: 0B");
        docker.ok("images -q --no-trunc saved").prints(IMAGE.id() + "\n");
        docker.run("image prune -f --filter colour=blue").exits(1).saysMatch("[Ii]nvalid filter '?colour");
    }

    /** {@link #IMAGE} is without a label; {@code busybox} stays because it is used. */
    private String loadBesideALabelledOne() throws IOException {
        load();
        SavedImage labelled = new SavedImage(
                List.of("labelled:1"),
                Map.of("Cmd", List.of("sh"), "Labels", Map.of("maker", "acceptance")),
                List.of(new TarArchive(Busybox.layer())
                        .file("labelled", "yes\n")
                        .bytes()));
        write("labelled.tar", labelled.archive());
        docker.probe("load -q -i labelled.tar").ok();
        docker.probe("create --name user --network none busybox true").ok();
        return labelled.id();
    }

    private void leaves(String... names) {
        assertThat(docker.probe("images --format {{.Repository}}:{{.Tag}}").lines())
                .containsExactlyInAnyOrder(names);
    }

    @Test
    void pruneTakesWhatHasALabel() throws IOException {
        String labelled = loadBesideALabelledOne();
        docker.probe("image prune -af --filter label=maker=somebody").ok().printsPart("Total reclaimed space: 0B");
        docker.probe("image prune -af --filter label=maker=acceptance")
                .ok()
                .printsPart("untagged: labelled:1\n", "deleted: " + labelled)
                .printsNone("saved:1", IMAGE.id());
        leaves("busybox:latest", "saved:1");
    }

    @Test
    void pruneTakesWhatDoesNotHaveALabel() throws IOException {
        String labelled = loadBesideALabelledOne();
        docker.probe("image prune -af --filter label!=maker=acceptance")
                .ok()
                .printsPart("untagged: saved:1\n", "deleted: " + IMAGE.id())
                .printsNone("labelled:1", labelled);
        leaves("busybox:latest", "labelled:1");
        docker.probe("image prune -af --filter label!=maker").ok().printsPart("Total reclaimed space: 0B");
        docker.probe("image prune -af --filter label!=colour").ok().printsPart("untagged: labelled:1\n");
        leaves("busybox:latest");
    }

    /** Both were made at 2024-01-02T03:04:05Z. */
    @Test
    void pruneTakesWhatIsOlder() throws IOException {
        String labelled = loadBesideALabelledOne();
        docker.probe("image prune -af --filter until=2024-01-02T03:04:04Z")
                .ok()
                .printsPart("Total reclaimed space: 0B");
        leaves("busybox:latest", "labelled:1", "saved:1");
        docker.probe("image prune -af --filter until=2024-01-02T03:04:06Z --filter label=maker")
                .ok()
                .printsPart("deleted: " + labelled);
        leaves("busybox:latest", "saved:1");
        docker.probe("image prune -af --filter until=24h").ok().printsPart("deleted: " + IMAGE.id());
        leaves("busybox:latest");
    }
}
