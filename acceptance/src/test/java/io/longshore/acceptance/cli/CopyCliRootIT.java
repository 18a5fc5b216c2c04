package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code docker cp}, both ways, with containers that run and that do not. */
class CopyCliRootIT extends CliCases {
    /** Makes what the cases copy. */
    private static final String CONTENT = "mkdir -p /data/sub; echo hello >/data/file; echo deep >/data/sub/deep;"
            + " ln -s file /data/link; ln -s /data /dirlink; ln /data/file /data/hard; chmod 4755 /data/sub/deep";

    private void running(String options) {
        docker.ok("run -d --name box --network none " + options + " busybox sh -c '" + CONTENT
                + "; echo ready; sleep 600'");
        await("ready\n");
    }

    private void await(String output) {
        assertThat(Await.answer(
                        Duration.ofSeconds(30), () -> docker.probe("logs box").out(), said -> said.contains(output)))
                .contains(output);
    }

    private void stopped(String options) {
        docker.ok("run --name box --network none " + options + " busybox sh -c '" + CONTENT + "'");
    }

    private Path local(String name) {
        return docker.home().resolve(name);
    }

    private String read(String name) throws IOException {
        return Files.readString(local(name));
    }

    private void copiesOut() throws IOException {
        docker.ok("cp box:/data/file out").prints("");
        assertThat(read("out")).isEqualTo("hello\n");
        Files.createDirectory(local("dir"));
        docker.ok("cp box:data/file dir").prints("");
        assertThat(read("dir/file")).isEqualTo("hello\n");
        docker.ok("cp box:/data new");
        assertThat(read("new/sub/deep")).isEqualTo("deep\n");
        assertThat(Files.readSymbolicLink(local("new/link"))).hasToString("file");
        assertThat(Files.getAttribute(local("new/hard"), "unix:nlink")).isEqualTo(2);
        assertThat((int) Files.getAttribute(local("new/sub/deep"), "unix:mode") & 07777)
                .isEqualTo(04755);
        docker.ok("cp box:/data dir");
        assertThat(read("dir/data/file")).isEqualTo("hello\n");
        docker.ok("cp box:/data/. dir");
        assertThat(read("dir/sub/deep")).isEqualTo("deep\n");
    }

    @Test
    void copiesOutOfARunningContainer() throws IOException {
        running("");
        copiesOut();
    }

    @Test
    void copiesOutOfAStoppedContainer() throws IOException {
        stopped("");
        copiesOut();
    }

    @Test
    void followsALinkWhenAsked() throws IOException {
        running("");
        docker.ok("cp box:/data/link link");
        assertThat(Files.readSymbolicLink(local("link"))).hasToString("file");
        docker.ok("cp -L box:/data/link followed");
        assertThat(read("followed")).isEqualTo("hello\n");
        docker.ok("cp -L box:/dirlink linked");
        assertThat(read("linked/sub/deep")).isEqualTo("deep\n");
        docker.ok("cp box:/dirlink/ through");
        assertThat(read("through/sub/deep")).isEqualTo("deep\n");
        docker.ok("cp box:/dirlink/file beyond");
        assertThat(read("beyond")).isEqualTo("hello\n");
    }

    @Test
    void copiesIntoAContainerThatWasNeverStarted() throws IOException {
        docker.ok("create --name box --network none busybox sh -c 'cat /in /made/tree/a; stat -c %A /made/tree/b'");
        write("in", Docker.bytes("from outside\n"));
        Files.createDirectories(local("tree"));
        write("tree/a", Docker.bytes("in a tree\n"));
        Files.setPosixFilePermissions(write("tree/b", new byte[0]), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.createDirectory(local("made"));
        docker.ok("cp in box:/in").prints("");
        docker.ok("cp made box:/");
        docker.ok("cp tree box:/made");
        docker.ok("start -a box").prints("from outside\nin a tree\n-rwxr-x--x\n");
    }

    @Test
    void copiesIntoARunningContainer() throws IOException {
        docker.ok("run -d --name box --network none busybox sh -c"
                + " 'until [ -f /tmp/go ]; do sleep 0.05; done; cat /etc/in /tmp/d/x; echo ready; sleep 600'");
        write("in", Docker.bytes("from outside\n"));
        Files.createDirectory(local("d"));
        write("d/x", Docker.bytes("x\n"));
        docker.ok("cp in box:/etc");
        docker.ok("cp d box:/tmp");
        docker.ok("cp in box:/tmp/go");
        await("from outside\nx\nready\n");
    }

    @Test
    void copiesThroughLinksOfTheDestination() throws IOException {
        running("");
        write("in", Docker.bytes("new\n"));
        docker.ok("cp in box:/dirlink");
        docker.ok("cp box:/data/in a");
        assertThat(read("a")).isEqualTo("new\n");
        docker.ok("cp in box:/data/link");
        docker.ok("cp box:/data/file b");
        assertThat(read("b")).isEqualTo("new\n");
        docker.ok("cp in box:/dirlink/sub/");
        docker.ok("cp box:/data/sub/in c");
        assertThat(read("c")).isEqualTo("new\n");
    }

    @Test
    void archivesOnStandardInputAndOutput() throws IOException {
        stopped("");
        byte[] tar = new TarArchive()
                .directory("t/", 0755)
                .file("t/one", "1\n")
                .symlink("t/two", "one")
                .hardLink("t/three", "t/one")
                .bytes();
        docker.run("cp - box:/data", tar).ok();
        docker.ok("cp -L box:/data/t/two two");
        assertThat(read("two")).isEqualTo("1\n");
        docker.ok("cp box:/data/t/three three");
        assertThat(read("three")).isEqualTo("1\n");
        docker.probe("cp box:/data -").ok().printsPart("data/", "data/t/one", "data/sub/deep", "ustar", "hello\n");
        docker.probe("cp box:/data/. -").ok().printsPart("./t/one").printsNone("data/");
        docker.run("cp - box:/nosuch", tar).exits(1).says("nosuch");
        docker.run("cp - box:/data/file", tar).exits(1).says("directory");
        docker.run("cp - box:/data", Docker.bytes("no archive")).exits(1);
    }

    @Test
    void refusesWhatIsNotThere() throws IOException {
        running("");
        write("in", new byte[0]);
        docker.run("cp box:/nosuch here").exits(1).says("/nosuch");
        docker.run("cp box:/data/file/below here").exits(1);
        docker.run("cp nosuch:/data here").exits(1).says("nosuch");
        docker.run("cp in nosuch:/data").exits(1).says("nosuch");
        docker.run("cp in box:/no/such/place").exits(1).says("/no/such");
        docker.run("cp in box:/no/such/").exits(1).says("no such directory");
        docker.run("cp absent box:/data").exits(1).says("absent");
        assertThat(local("here")).doesNotExist();
    }

    @Test
    void refusesToMixFilesAndDirectories() throws IOException {
        running("");
        write("sub", new byte[0]);
        Files.createDirectory(local("d"));
        Files.createDirectory(local("file"));
        docker.run("cp sub box:/data").exits(1).says("cannot overwrite directory");
        docker.run("cp d box:/data/file").exits(1).says("cannot copy directory");
        docker.run("cp file box:/data").exits(1).says("cannot overwrite non-directory");
        docker.run("cp sub box:/data/file/").exits(1).says("directory");
        docker.ok("cp box:/data/sub/deep still");
        assertThat(read("still")).isEqualTo("deep\n");
    }

    @Test
    void aReadOnlyRootRefuses() throws IOException {
        docker.ok("run -d --name box --network none --read-only -v /vol busybox sleep 600");
        write("in", Docker.bytes("x"));
        docker.run("cp in box:/etc").exits(1).says("marked read-only");
        docker.ok("cp in box:/vol");
        docker.ok("kill box");
        docker.awaitExit("box");
        docker.run("cp in box:/etc/in").exits(1).says("marked read-only");
        docker.ok("cp in box:/vol/second");
        docker.ok("cp box:/vol out");
        assertThat(local("out")).isDirectoryContaining("glob:**/in").isDirectoryContaining("glob:**/second");
    }

    @Test
    void aVolumeIsReachedWhetherItRunsOrNot() throws IOException {
        docker.ok("create --name box --network none -v /vol busybox sh -c 'cat /vol/in; echo back >/vol/out'");
        write("in", Docker.bytes("into the volume\n"));
        docker.ok("cp in box:/vol");
        docker.ok("start -a box").prints("into the volume\n");
        docker.ok("cp box:/vol/out out");
        assertThat(read("out")).isEqualTo("back\n");
        docker.ok("diff box").printsNone("/vol/");
    }

    @Test
    void ownersAreKeptUnlessTheUsersAreWanted() throws IOException {
        docker.ok("create --name box --network none --user daemon busybox stat -c '%n %u:%g' /tmp/plain /tmp/own");
        Path in = write("in", Docker.bytes("x"));
        Files.setAttribute(in, "unix:uid", 1234);
        Files.setAttribute(in, "unix:gid", 2345);
        docker.ok("cp in box:/tmp/plain");
        docker.ok("cp -a in box:/tmp/own");
        docker.ok("start -a box").prints("/tmp/plain 1234:2345\n/tmp/own 1:1\n");
    }

    @Test
    void oddNamesAndALargeFile() throws IOException {
        running("");
        Path in = Files.createDirectory(local("in"));
        Files.writeString(in.resolve("with space, \u00fcml\u00e4ut & \ud83d\udc0b"), "odd");
        Files.writeString(in.resolve("n".repeat(200)), "long");
        byte[] large = new byte[30 << 20];
        new java.util.Random(1).nextBytes(large);
        Files.write(in.resolve("large"), large);
        docker.ok("cp in box:/data");
        docker.ok("cp box:/data/in out");
        assertThat(read("out/with space, \u00fcml\u00e4ut & \ud83d\udc0b")).isEqualTo("odd");
        assertThat(read("out/" + "n".repeat(200))).isEqualTo("long");
        assertThat(Files.readAllBytes(local("out/large"))).isEqualTo(large);
    }

    @Test
    @LongshoreOnly("Docker Engine does not see what is mounted inside")
    void seesWhatTheContainerSees() throws IOException {
        docker.ok("run -d --name box --network none --tmpfs /t busybox sh -c 'echo mem >/t/f; echo ready; sleep 600'");
        await("ready\n");
        docker.ok("cp box:/t/f f");
        assertThat(read("f")).isEqualTo("mem\n");
        write("in", Docker.bytes("x"));
        docker.ok("cp in box:/t/in");
        docker.ok("cp box:/etc/hosts hosts");
        assertThat(read("hosts")).contains("localhost");
        docker.ok("stop -t 0 box");
        docker.run("cp box:/t/f g").exits(1).says("/t/f");
    }

    @Test
    void tellsEvents() throws IOException {
        stopped("");
        String since = now();
        docker.ok("cp box:/data/file out");
        docker.ok("cp out box:/data/again");
        docker.ok("export -o all.tar box");
        docker.probe("events --since " + since + " --until " + now() + " --filter type=container --format {{.Action}}")
                .ok()
                .prints("archive-path\nextract-to-dir\nexport\n");
    }

    private static String now() {
        java.time.Instant now = java.time.Instant.now();
        return now.getEpochSecond() + "." + String.format("%09d", now.getNano());
    }
}
