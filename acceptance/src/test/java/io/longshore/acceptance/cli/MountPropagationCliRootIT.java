package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is mounted below a bind mount, before and after it was made, and who sees it. */
class MountPropagationCliRootIT extends VolumeCases {
    /** What the case has mounted. */
    private Path top = Path.of("/nothing");

    @AfterEach
    void unmount() throws IOException {
        if (docker != null && Files.isDirectory(top)) {
            removeAllContainers();
            command("umount", "-R", top.toString());
            Files.deleteIfExists(top);
        }
    }

    private String command(String... words) {
        return docker.inMounts(words);
    }

    /** A tmpfs of this propagation, with another one below it. */
    private Path mounted(String propagation) throws IOException {
        // Not in the case's home, which is deleted with all that is in it.
        top = Files.createTempDirectory("longshore-mount-");
        command("mount", "-t", "tmpfs", "tmpfs", top.toString());
        command("mount", "--make-" + propagation, top.toString());
        String below = top + "/below";
        command("mkdir", below, top + "/later");
        command("mount", "-t", "tmpfs", "tmpfs", below);
        command("sh", "-c", "echo below > " + below + "/file");
        return top;
    }

    /** The container "sees" has a mount of this mode, and below its source something is mounted while it runs. */
    private void mountedLater(String options, String mode) throws IOException {
        Path source = mounted("shared");
        docker.probe("run -d --name sees --network none " + options + " -v " + source + ":/data" + mode
                        + " busybox sleep 60")
                .ok();
        command("mount", "-t", "tmpfs", "tmpfs", top + "/later");
        command("sh", "-c", "echo later > " + top + "/later/file");
    }

    private Outcome with(String option, String line) {
        return docker.probe("run --rm --network none " + option + " busybox sh -c '" + line + "'");
    }

    @Test
    void whatIsBelowComesAlongUnlessItIsNotToBe() throws IOException {
        Path source = mounted("private");
        with("-v " + source + ":/data", "cat /data/below/file").prints("below\n");
        with("--mount type=bind,src=" + source + ",dst=/data,bind-nonrecursive", "ls -A /data/below")
                .ok()
                .prints("");
    }

    @Test
    void privateSeesNothingOfLaterMounts() throws IOException {
        mountedLater("", "");
        docker.probe("exec sees ls -A /data/later").ok().prints("");
    }

    @Test
    void slaveSeesLaterMounts() throws IOException {
        mountedLater("", ":rslave");
        docker.probe("exec sees cat /data/later/file").ok().prints("later\n");
        assertThat(docker.value("sees", "{{.Mounts.0.Propagation}}")).isEqualTo("rslave");
    }

    @Test
    void slaveSeesLaterMountsByAnOciRuntime() throws IOException {
        mountedLater("--runtime runc", ":slave");
        docker.probe("exec sees cat /data/later/file").ok().prints("later\n");
    }

    @Test
    void sharedMountsAreSeenOutside() throws IOException {
        Path source = mounted("shared");
        with(
                        "--cap-add SYS_ADMIN -v " + source + ":/data:rshared",
                        "mount -t tmpfs tmpfs /data/later && echo inside > /data/later/file")
                .ok();
        assertThat(command("cat", source + "/later/file")).isEqualTo("inside\n");
    }

    @Test
    void sharedMountsAreSeenOutsideByAnOciRuntime() throws IOException {
        Path source = mounted("shared");
        with(
                        "--runtime runc --cap-add SYS_ADMIN --mount type=bind,src=" + source
                                + ",dst=/data,bind-propagation=rshared",
                        "mount -t tmpfs tmpfs /data/later && echo inside > /data/later/file")
                .ok();
        assertThat(command("cat", source + "/later/file")).isEqualTo("inside\n");
    }

    @Test
    void whatIsNotSharedIsRefused() throws IOException {
        Path source = mounted("private");
        with("-v " + source + ":/data:rshared", "true")
                .exits(125)
                .says("path " + source + " is mounted on " + source + " but it is not a shared mount");
        with("-v " + source + "/later:/data:slave", "true")
                .exits(125)
                .says("path " + source + "/later is mounted on " + source + " but it is not a shared or slave mount");
    }

    @Test
    @LongshoreOnly("Docker Engine makes mounts below read-only ones so since 25")
    void readOnlyWithAllBelow() throws IOException {
        Path source = mounted("private");
        with("-v " + source + ":/data:ro", "touch /data/below/x").exits(1).says("Read-only file system");
        with("--runtime runc -v " + source + ":/data:ro", "touch /data/x")
                .exits(1)
                .says("Read-only file system");
    }

    /** The words of the newer command, for which the API has three fields. */
    @ParameterizedTest
    @ValueSource(strings = {"longshore", "runc"})
    @LongshoreOnly("Docker Engine makes mounts below read-only ones so since 25")
    void recursionIsAsAsked(String runtime) throws IOException {
        assumeTrue(subject.hasNewCli(), "the older command does not know bind-recursive");
        Path source = mounted("private");
        String by = "--runtime " + runtime + " --mount type=bind,src=" + source + ",dst=/data,bind-recursive=";
        with(by + "enabled", "cat /data/below/file && touch /data/below/1").ok().prints("below\n");
        with(by + "disabled", "ls -A /data/below; touch /data/above").ok().prints("");
        with(by + "writable,readonly", "cat /data/below/file && touch /data/below/2 && touch /data/x")
                .exits(1)
                .prints("below\n")
                .says("/data/x: Read-only file system");
        with(
                        by + "readonly,readonly,bind-propagation=rprivate",
                        "cat /data/below/file; touch /data/below/3; touch /data/x")
                .exits(1)
                .prints("below\n")
                .says("/data/below/3: Read-only file system", "/data/x: Read-only file system");
        assertThat(command("ls", source + "/below")).isEqualTo("1\n2\nfile\n");
        assertThat(command("ls", source.toString())).isEqualTo("above\nbelow\nlater\n");
    }
}
