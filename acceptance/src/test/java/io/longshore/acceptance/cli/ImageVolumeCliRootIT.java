package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Images whose volumes' paths lead out of them (CVE-2022-23648): a volume gets what the image has there, and nothing of the host. */
class ImageVolumeCliRootIT extends CliCases {
    /** A directory of the host that no image has. */
    private static final Path CANARY =
            Path.of("/tmp/longshore-canary-volume-" + ProcessHandle.current().pid());

    @BeforeEach
    void layCanary() throws IOException {
        Files.createDirectories(CANARY);
        Files.writeString(CANARY.resolve("kept"), "of the host");
    }

    @AfterEach
    void canaryIsAsItWas() throws IOException {
        if (docker != null) {
            docker.probe("ps -aq").lines().forEach(container -> docker.probe("rm -f -v " + container));
            docker.probe("rmi -f volumes:1");
        }
        try (Stream<Path> files = Files.list(CANARY)) {
            assertThat(files).containsExactly(CANARY.resolve("kept"));
        }
        assertThat(CANARY.resolve("kept")).hasContent("of the host");
        Trees.delete(CANARY);
    }

    private void load(String volume, TarArchive layer) throws IOException {
        SavedImage image = new SavedImage(
                List.of("volumes:1"),
                Map.of("Cmd", List.of("sh"), "Volumes", Map.of(volume, Map.of())),
                List.of(
                        Busybox.layer(),
                        layer.directory("own/", 0750)
                                .file("own/file", "of the image\n")
                                .bytes()));
        write("image.tar", image.archive());
        docker.probe("load -i image.tar").ok();
    }

    private static String looking(String path) {
        return "run --rm --network none volumes:1 sh -c 'grep -c \" " + path + " \" /proc/mounts; ls -A " + path
                + "/; cat " + path + "/kept; echo x > " + path + "/written && ls " + path + "/written'";
    }

    /** Docker Engine takes such a path for the one that it would be at the root; Longshore refuses it by its name. */
    @Test
    void pathsUpwardsLeadNowhere() throws IOException {
        for (String volume : List.of("/../../../../own", "/a/../../own", "/a/b/../../../../own/.")) {
            upwards(volume, "/own", "1\nfile\n/own/written\n");
        }
        for (String up : List.of("/../../../../..", "/a/../..")) {
            upwards(up + CANARY, CANARY.toString(), "1\n" + CANARY + "/written\n");
        }
        load("/../../../../etc", new TarArchive());
        docker.probe("run --rm --network none volumes:1 ls -A /etc").printsNone("shadow", "debian_version");
    }

    private void upwards(String volume, String path, String expected) throws IOException {
        load(volume, new TarArchive());
        Outcome looked = docker.probe(looking(path)).printsNone("of the host");
        if (subject.longshore()) {
            looked.exits(125)
                    .prints("")
                    .says("invalid specification in Volumes: destination can't be '" + volume + "'");
        } else {
            looked.ok().prints(expected);
        }
    }

    @Test
    void aPathThatTheHostHasIsOfTheImage() throws IOException {
        load(CANARY.toString(), new TarArchive());
        docker.ok(looking(CANARY.toString())).prints("1\n" + CANARY + "/written\n");
        load("/own", new TarArchive());
        docker.ok(looking("/own")).prints("1\nfile\n/own/written\n");
    }

    @Test
    void linksOfTheImageAreFollowedInsideIt() throws IOException {
        String name = CANARY.getFileName().toString();
        for (String target : List.of(CANARY.toString(), "../../../../.." + CANARY, "tmp/" + name, "/../.." + CANARY)) {
            load("/data", new TarArchive().symlink("data", target));
            docker.ok(
                            "run --rm --network none volumes:1 sh -c 'ls -A /data/; cat /data/kept; echo x > /data/written; ls /data/'")
                    .prints("written\n");
            load(
                    "/data",
                    new TarArchive()
                            .symlink("data", target)
                            .directory("tmp/" + name + "/", 0755)
                            .file("tmp/" + name + "/image", "x"));
            docker.ok("run --rm --network none volumes:1 ls -A /data/ " + CANARY)
                    .prints("/data/:\nimage\n\n" + CANARY + ":\nimage\n");
        }
        load("/up/" + name, new TarArchive().symlink("up", "/tmp"));
        docker.ok(looking("/up/" + name).replace("-c \" /up/", "-c \" /tmp/")).prints("1\n/up/" + name + "/written\n");
    }

    /** What such a link means is for the kernel to say when the container's processes are there, and then it means the container. */
    @Test
    void linksThroughProcReachNothing() throws IOException {
        for (String target :
                List.of("/proc/1/root" + CANARY, "/proc/self/cwd" + CANARY, "/proc/thread-self/root" + CANARY)) {
            load("/data", new TarArchive().symlink("data", target));
            docker.probe("run --rm --network none volumes:1 sh -c 'cat /data/kept; echo x > /data/written'")
                    .printsNone("of the host");
        }
    }
}
