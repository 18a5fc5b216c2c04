package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docker volume create}, {@code ls}, {@code inspect}, {@code rm}, and containers that use volumes by name. */
class VolumeCliRootIT extends VolumeCases {
    @Test
    void createsOnce() {
        docker.ok("volume create data").prints("data\n");
        docker.ok("volume create data").prints("data\n");
        docker.ok("volume ls").printsMatch("^DRIVER +VOLUME NAME\nlocal +data\n$");
        docker.ok("volume create").printsMatch("^[0-9a-f]{64}\n$");
    }

    @Test
    void labelsAreShownAndFiltered() {
        docker.ok("volume create --label tier=back --label keep data");
        docker.ok("volume create other");
        docker.ok("volume inspect --format '{{.Name}} {{.Driver}} {{.Scope}} {{index .Labels \"tier\"}}' data")
                .prints("data local local back\n");
        docker.ok("volume inspect --format '{{json .Labels}} {{json .Options}}' data")
                .printsPart("\"keep\":\"\"", "\"tier\":\"back\"");
        docker.ok("volume ls -q --filter label=tier=back").prints("data\n");
        docker.ok("volume ls -q --filter label=keep --filter label=tier=front").prints("");
        docker.ok("volume ls -q --filter name=oth").prints("other\n");
        docker.ok("volume ls --format '{{.Name}} {{.Label \"tier\"}}'").prints("data back\nother \n");
    }

    @Test
    void refusesNamesThatAreNone() {
        docker.run("volume create a")
                .exits(1)
                .says("volume name is too short, names should be at least two alphanumeric characters");
        docker.run("volume create a/b")
                .exits(1)
                .says("create a/b: \"a/b\" includes invalid characters for a local volume name, only"
                        + " \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory,"
                        + " use absolute path");
        docker.run("volume create ../x").exits(1).says("includes invalid characters");
    }

    @Test
    void refusesDriversAndOptionsThatItDoesNotHave() {
        docker.run("volume create --driver nosuch data")
                .exits(1)
                .says("create data: error looking up volume plugin nosuch: plugin \"nosuch\" not found");
        docker.run("volume create --opt colour=blue data").exits(1).says("create data: invalid option: \"colour\"");
        docker.run("volume create --opt type=tmpfs data").exits(1).says("missing required option: \"device\"");
        docker.run("volume create --opt device=/tmp data").exits(1).says("missing required option: \"type\"");
        docker.run("volume create --opt o=size=1m data")
                .exits(1)
                .saysMatch("missing required option: \"(device|type)\"");
        docker.ok("volume ls -q").prints("");
    }

    @Test
    void removes() {
        docker.ok("volume create one");
        docker.ok("volume create two");
        docker.ok("volume rm one two").prints("one\ntwo\n");
        docker.run("volume rm one").exits(1).saysMatch("(get one: no such volume|No such volume: one)");
        docker.ok("volume rm -f one").prints("one\n");
        docker.run("volume inspect one").exits(1).saysMatch("(get one: no such volume|No such volume: one)");
    }

    @Test
    void oneInUseIsNotRemoved() {
        docker.ok("create --name uses --network none -v data:/data busybox true");
        String id = docker.value("uses", "{{.Id}}");
        docker.run("volume rm data").exits(1).says("remove data: volume is in use - [" + id + "]");
        docker.run("volume rm -f data").exits(1).says("volume is in use");
        docker.ok("volume ls -q --filter dangling=false").prints("data\n");
        docker.ok("rm uses");
        docker.ok("volume ls -q --filter dangling=true").prints("data\n");
        docker.ok("volume rm data").prints("data\n");
    }

    @Test
    void containersShareOneAndItOutlivesThem() {
        shell("-v data:/in", "echo kept > /in/file").ok();
        docker.ok("run -d --name reads --network none -v data:/other busybox sleep 60");
        docker.ok("exec reads cat /other/file").prints("kept\n");
        shell("-v data:/in", "echo more >> /in/file").ok();
        docker.ok("exec reads cat /other/file").prints("kept\nmore\n");
    }

    @Test
    void goesWithNoContainer() {
        docker.ok("run --name uses --network none -v data:/data -v /anonymous busybox true");
        docker.ok("rm -v uses");
        docker.ok("volume ls -q").prints("data\n");
        shell("-v data:/data -v /anonymous", "true").ok();
        docker.ok("volume ls -q").prints("data\n");
    }

    @Test
    void anAnonymousOneThatIsNamedStays() {
        docker.ok("create --name makes --network none -v /data busybox true");
        String name = docker.value("makes", "{{.Mounts.0.Name}}");
        docker.probe("run --rm --network none -v " + name + ":/data busybox touch /data/file")
                .ok();
        docker.probe("create --name names --network none -v " + name + ":/data busybox true")
                .ok();
        docker.ok("rm -v makes");
        docker.ok("rm -v names");
        docker.ok("volume ls -q").printsMatch("^[0-9a-f]{64}\n$");
    }

    @Test
    void tellsItsLife() {
        String since = now();
        // Docker Engine 20.10 tells of the creation of one that there is already, so it is made here only.
        docker.ok("run --rm --network none -v data:/data busybox true");
        docker.ok("volume rm data");
        long end = System.nanoTime() + 10_000_000_000L;
        while (!volumeEvents(since).contains("destroy") && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(volumeEvents(since)).isEqualTo("create data\nmount data\nunmount data\ndestroy data\n");
    }

    @Test
    void takesWhatTheImageHasWithOwnersAndModes() {
        docker.ok("run --name maker --network none busybox sh -c 'mkdir -m 2750 /data /data/sub && echo x > /data/file"
                + " && chown 5:6 /data/file /data && chmod 640 /data/file && ln -s file /data/link'");
        docker.probe("commit maker made").ok();
        String list = "run --rm --network none -v data:/data made sh -c 'stat -c \"%a %u %g %F %n\" /data /data/*;"
                + " cat /data/link'";
        docker.ok(list).prints("""
                        2750 5 6 directory /data
                        640 5 6 regular file /data/file
                        777 0 6 symbolic link /data/link
                        2750 0 0 directory /data/sub
                        x
                        """);
        docker.ok("run --rm --network none -v data:/data made rm /data/link");
        docker.ok("run --rm --network none -v data:/data made ls /data").prints("file\nsub\n");
        docker.ok("run --rm --network none -v fresh:/data:nocopy made ls -A /data")
                .prints("");
        docker.ok("run --rm --network none --mount type=volume,src=other,dst=/data,volume-nocopy made ls -A /data")
                .prints("");
        docker.ok("rm maker");
        docker.probe("rmi made").ok();
    }

    @Test
    void readOnly() {
        shell("-v data:/data", "echo x > /data/file").ok();
        shell("-v data:/data:ro", "cat /data/file; touch /data/other")
                .exits(1)
                .prints("x\n")
                .says("Read-only file system");
        shell("--mount type=volume,src=data,dst=/data,readonly", "touch /data/other")
                .exits(1);
        docker.run("run --rm --network none --mount type=volume,dst=/data,readonly busybox true")
                .exits(125)
                .says("must not set ReadOnly mode when using anonymous volumes");
    }

    @Test
    void inMemory() {
        docker.ok("volume create --opt type=tmpfs --opt device=tmpfs --opt o=size=1m,uid=1000 data");
        docker.ok("volume inspect --format '{{.Options.type}} {{.Options.device}} {{.Options.o}}' data")
                .prints("tmpfs tmpfs size=1m,uid=1000\n");
        shell("-v data:/data", "stat -f -c %T /data; stat -c %u /data; echo x > /data/file")
                .ok()
                .prints("tmpfs\n1000\n");
        shell("-v data:/data", "ls -A /data").ok().prints("");
        docker.ok("run -d --name holds --network none -v data:/data busybox sh -c 'echo y > /data/file; sleep 60'");
        docker.probe("exec holds sh -c 'until [ -s /data/file ]; do :; done'").ok();
        shell("-v data:/data", "cat /data/file; dd if=/dev/zero of=/data/big bs=1M count=2 2>&1 | grep -c \"No space\"")
                .prints("y\n1\n");
        docker.ok("rm -f holds");
        docker.ok("volume rm data");
    }

    @Test
    void ofADirectoryOfTheHost() throws IOException {
        Path directory = Files.createDirectory(docker.home().resolve("shared"));
        Files.writeString(directory.resolve("file"), "from the host\n");
        docker.ok("volume create --opt type=none --opt o=bind --opt device=" + directory + " data");
        shell("-v data:/data", "cat /data/file; echo back > /data/answer").ok().prints("from the host\n");
        assertThat(directory.resolve("answer")).hasContent("back\n");
        docker.ok("volume rm data");
        assertThat(directory.resolve("file")).hasContent("from the host\n");
    }

    @Test
    void ofADirectoryOfTheHostForReadingOnly() throws IOException {
        Path directory = Files.createDirectory(docker.home().resolve("shared"));
        docker.ok("volume create --opt type=none --opt o=bind,ro --opt device=" + directory + " data");
        shell("-v data:/data", "touch /data/file").exits(1).says("Read-only file system");
        docker.ok("volume rm data");
    }

    /** An empty directory of the host is filled from the image as any volume is, and once. */
    @Test
    void anEmptyDirectoryOfTheHostTakesWhatTheImageHas() throws IOException {
        Path directory = Files.createDirectory(docker.home().resolve("shared"));
        docker.ok("volume create --opt type=none --opt o=bind --opt device=" + directory + " data");
        docker.ok("run --rm --network none -v data:/etc busybox test -s /etc/passwd");
        assertThat(directory.resolve("passwd")).isNotEmptyFile();
        try (var names = Files.list(directory)) {
            assertThat(names).noneMatch(name -> name.getFileName().toString().startsWith("."));
        }
        Files.delete(directory.resolve("passwd"));
        docker.run("run --rm --network none -v data:/etc busybox test -e /etc/passwd")
                .exits(1);
    }

    @Test
    void whatCannotBeMountedFailsTheStart() {
        docker.ok("volume create --opt type=none --opt o=bind --opt device=/no/such/directory data");
        docker.run("run --rm --network none -v data:/data busybox true")
                .exits(127)
                .says("failed to mount local volume: mount /no/such/directory:", "no such file or directory");
        docker.ok("volume create --opt type=nosuchfs --opt device=x other");
        docker.run("run --rm --network none -v other:/data busybox true")
                .exits(125)
                .says("failed to mount local volume: mount x:", "no such device");
        docker.ok("volume rm data other").prints("data\nother\n");
    }

    /** This kernel has no NFS, which is what is said; that a server is looked up is seen by a name that there is not. */
    @Test
    void ofAServer() {
        docker.ok("volume create --opt type=nfs --opt o=addr=127.0.0.1,rw --opt device=:/export data");
        docker.run("run --rm --network none -v data:/data busybox true")
                .exits(125)
                .says("failed to mount local volume: mount :/export:", "data: addr=127.0.0.1");
        docker.ok("volume create --opt type=nfs --opt o=addr=nosuch.invalid,rw --opt device=:/export other");
        docker.run("run --rm --network none -v other:/data busybox true")
                .exits(125)
                .says("error resolving passed in network volume address");
    }

    @Test
    void inspectOfAContainerNamesIt() {
        docker.ok("create --name uses --network none -v data:/data:ro busybox true");
        docker.ok(
                        "inspect --format '{{range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.Driver}} {{.Mode}} {{.RW}}"
                                + " [{{.Propagation}}]{{end}} {{.HostConfig.Binds}}' uses")
                .prints("volume data /data local ro false [] [data:/data:ro]\n");
        docker.ok("create --name plain --network none -v data:/data busybox true");
        docker.ok("inspect --format '{{range .Mounts}}{{.Mode}} {{.RW}}{{end}}' plain")
                .prints("z true\n");
        docker.ok("ps -a --filter volume=data --format {{.Names}}").prints("plain\nuses\n");
        docker.ok("ps -a --filter volume=/data --format {{.Names}}").prints("plain\nuses\n");
        docker.ok("ps -a --filter volume=nosuch --format {{.Names}}").prints("");
    }

    @Test
    void takesPlaceInTheDiskUsage() {
        docker.ok("volume create idle");
        shell("-v data:/data", "head -c 5000 /dev/zero > /data/file").ok();
        docker.ok("create --name uses --network none -v data:/data busybox true");
        docker.ok("system df --format '{{.Type}}: {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}'")
                .printsPart("\nLocal Volumes: 2 1 5kB 0B (0%)\n");
        docker.probe("system df -v").ok().printsMatch("\ndata +1 +5kB *\n").printsMatch("\nidle +0 +0B *\n");
    }
}
