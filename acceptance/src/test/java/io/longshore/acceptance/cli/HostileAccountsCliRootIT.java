package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.running.PeakMemory;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no list of accounts where one should be (CVE-2026-47262): a clear answer, soon, and no memory taken. */
@LongshoreOnly("Docker Engine is not what is attacked")
class HostileAccountsCliRootIT extends CliCases {
    private static final String NO_FILE = "of the image is not a regular file";
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final long LITTLE = 96L << 20;

    private PeakMemory memory;

    @BeforeEach
    void watch() {
        docker.probe("run --rm --network none --user daemon:extra --group-add extra busybox true")
                .ok();
        memory = new PeakMemory((Longshore) docker.engine());
    }

    @AfterEach
    void littleMemoryWasTaken() {
        if (memory != null) {
            memory.close();
            docker.probe("ps -aq").lines().forEach(container -> docker.probe("rm -f -v " + container));
            docker.probe("rmi -f accounts:1");
            assertThat(memory.growth()).as("bytes at the most").isLessThan(LITTLE);
        }
    }

    private void refused(String options, String image, String said) {
        for (String who : List.of("--user daemon:extra", "--user daemon", "--group-add extra")) {
            long begin = System.nanoTime();
            docker.probe("run --rm --network none " + who + " " + options + " " + image + " id")
                    .exits(125)
                    .prints("")
                    .says(said);
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .as("%s %s", who, options)
                    .isLessThan(SOON);
        }
    }

    private Path sparse(long size) throws IOException {
        Path file = docker.home().resolve("sparse");
        try (var made = new RandomAccessFile(file.toFile(), "rw")) {
            made.setLength(size);
        }
        return file;
    }

    private Path fifo() throws IOException {
        Path fifo = docker.home().resolve("fifo");
        try {
            assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                    .isZero();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return fifo;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "/etc/group"})
    void whatIsMountedThereIsBounded(String list) throws IOException {
        refused("-v " + sparse(2L << 30) + ":" + list, "busybox", list + " of the image is larger than 16777216 bytes");
        refused("-v " + fifo() + ":" + list, "busybox", list + " " + NO_FILE);
        refused("-v /dev/zero:" + list, "busybox", list + " " + NO_FILE);
    }

    @Test
    void anEndlessLineNamesNobody() throws IOException {
        Path line = sparse(15L << 20);
        docker.probe("run --rm --network none -v " + line + ":/etc/group --user daemon:extra busybox true")
                .exits(125)
                .says("unable to find group extra: no matching entries in group file");
        docker.probe("run --rm --network none -v " + line + ":/etc/group --group-add extra busybox true")
                .exits(125)
                .says("Unable to find group extra");
        docker.probe("run --rm --network none -v " + line + ":/etc/passwd --user daemon busybox true")
                .exits(125)
                .says("unable to find user daemon: no matching entries in passwd file");
        docker.probe("run --rm --network none -v " + line + ":/etc/group --user daemon busybox id -G")
                .ok()
                .prints("1\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"etc/passwd", "etc/group"})
    void whatTheImageHasThereIsBounded(String list) throws IOException {
        load(new TarArchive().fifo(list));
        refused("", "accounts:1", "/" + list + " " + NO_FILE);
        load(new TarArchive().symlink(list, "/dev/zero"));
        refused("", "accounts:1", "/" + list + " " + NO_FILE);
        load(new TarArchive().directory(list + "/", 0755));
        refused("", "accounts:1", "/" + list + " " + NO_FILE);
        load(new TarArchive().file(list, 0644, new byte[17 << 20]));
        refused("", "accounts:1", "/" + list + " of the image is larger than");
        load(new TarArchive().symlink(list, list.substring(4)));
        docker.probe("run --rm --network none --user daemon:extra accounts:1 id")
                .exits(125);
    }

    /** The host's own list, which has what is asked for. */
    @Test
    void aLinkOutStaysInside() throws IOException {
        Path hosts = write("hosts", Docker.bytes("secret:x:4711:\n"));
        load(new TarArchive().symlink("etc/group", "../../../../../.." + hosts));
        docker.probe("run --rm --network none --user daemon:secret accounts:1 id")
                .exits(125)
                .says("unable to find group secret");
        docker.probe("run --rm --network none --group-add secret accounts:1 id")
                .exits(125)
                .says("Unable to find group secret");
        docker.probe("run --rm --network none -v " + hosts + ":/etc/group --user daemon:secret busybox id -G")
                .ok()
                .prints("4711\n");
    }

    private void load(TarArchive layer) throws IOException {
        docker.probe("rmi -f accounts:1");
        SavedImage image = new SavedImage(
                List.of("accounts:1"), Map.of("Cmd", List.of("sh")), List.of(Busybox.layer(), layer.bytes()));
        write("image.tar", image.archive());
        docker.probe("load -i image.tar").ok();
    }

    /** The container itself has changed the list. */
    @Test
    void anExecIsNotHeldUp() {
        for (String change : List.of(
                "mkfifo /etc/group",
                "ln -s /dev/zero /etc/group",
                "truncate -s 2G /etc/group",
                "ln -s /proc/kmsg /etc/group",
                "ln -s group /etc/group")) {
            changed(change);
            long begin = System.nanoTime();
            Outcome outcome = docker.probe("exec --user daemon:extra box id");
            assertThat(outcome.code()).as("%s: %s", change, outcome).isNotZero();
            assertThat(outcome.out() + outcome.err())
                    .as(change)
                    .contains("group")
                    .doesNotContain("java");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).as(change).isLessThan(SOON);
            docker.probe("rm -f box").ok();
        }
        changed("echo extra:x:45: > /etc/group");
        docker.probe("exec --user daemon:extra box id -g").ok().prints("45\n");
    }

    private void changed(String change) {
        docker.probe("run -d --name box --network none busybox sh -c 'rm /etc/group; " + change
                        + "; echo ready; exec sleep 600'")
                .ok();
        docker.awaitLog("box", "ready");
    }
}
