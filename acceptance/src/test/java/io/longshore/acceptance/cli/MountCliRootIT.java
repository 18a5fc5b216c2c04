package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code docker run -v}, {@code --mount}, {@code --tmpfs} and {@code --volumes-from}. */
class MountCliRootIT extends VolumeCases {
    private Path directory(String name) throws IOException {
        Path directory = Files.createDirectory(docker.home().resolve(name));
        Files.writeString(directory.resolve("file"), "from the host\n");
        return directory;
    }

    @Test
    void ofADirectory() throws IOException {
        Path source = directory("shared");
        shell("-v " + source + ":/data", "cat /data/file; echo back > /data/answer")
                .ok()
                .prints("from the host\n");
        assertThat(source.resolve("answer")).hasContent("back\n");
        shell("-v " + source + ":/data:ro", "touch /data/other").exits(1).says("Read-only file system");
        shell("--mount type=bind,src=" + source + ",dst=/data,readonly", "touch /data/other")
                .exits(1);
        assertThat(source.resolve("other")).doesNotExist();
    }

    @Test
    void ofAFile() throws IOException {
        Path file = directory("shared").resolve("file");
        shell("-v " + file + ":/etc/motd", "cat /etc/motd; echo new > /etc/motd")
                .ok()
                .prints("from the host\n");
        assertThat(file).hasContent("new\n");
        shell("-v " + file + ":/made/on/the/way:ro", "cat /made/on/the/way; echo x > /made/on/the/way")
                .exits(1)
                .prints("new\n");
    }

    @Test
    void aLinkOfTheHostIsFollowedThere() throws IOException {
        Path source = directory("shared");
        Path link = Files.createSymbolicLink(docker.home().resolve("link"), source);
        shell("-v " + link + ":/data", "cat /data/file").ok().prints("from the host\n");
    }

    @Test
    void aMissingSourceIsMadeForTheShortForm() {
        Path source = docker.home().resolve("made/for/it");
        docker.ok("create --name waits --network none -v " + source + ":/data busybox touch /data/file");
        docker.ok("start -a waits");
        assertThat(source.resolve("file")).exists();
    }

    @Test
    void aMissingSourceIsRefusedForTheLongForm() {
        docker.run("run --rm --network none --mount type=bind,src=" + docker.home() + "/nosuch,dst=/data busybox true")
                .exits(125)
                .says("invalid mount config for type \"bind\": bind source path does not exist: " + docker.home()
                        + "/nosuch");
        assertThat(docker.home().resolve("nosuch")).doesNotExist();
    }

    @Test
    void aSourceThatIsGoneFailsTheStart() throws IOException {
        Path source = directory("shared");
        docker.ok("create --name waits --network none --mount type=bind,src=" + source + ",dst=/data busybox true");
        Files.delete(source.resolve("file"));
        Files.delete(source);
        docker.run("start waits").exits(1).says("bind source path does not exist: " + source);
    }

    @Test
    void aSourceThatCannotBeMadeFailsTheStart() throws IOException {
        Path file = directory("shared").resolve("file");
        docker.run("run --rm --network none -v " + file + "/below:/data busybox true")
                .exits(125)
                .saysMatch("(?i)not a directory");
    }

    @Test
    void refusesPlacesThatAreNone() {
        docker.run("create --network none -v /tmp:/ busybox").exits(1).saysMatch("destination can't be '/'");
        docker.run("create --network none -v /tmp:data busybox")
                .exits(1)
                .says("invalid mount path: 'data' mount path must be absolute");
        docker.run("create --network none -v data:relative busybox")
                .exits(1)
                .says("invalid mount path: 'relative' mount path must be absolute");
        docker.run("create --network none --mount type=bind,src=/tmp,dst=data busybox")
                .exits(1)
                .says("invalid mount config for type \"bind\": invalid mount path: 'data' mount path must be absolute");
        docker.run("create --network none --mount type=bind,src=/tmp,dst=/ busybox")
                .exits(1)
                .saysMatch("destination can't be '/'");
    }

    @Test
    void refusesModesThatAreNone() {
        docker.run("create --network none -v /tmp:/data:what busybox").exits(1).says("invalid mode: what");
        docker.run("create --network none -v /tmp:/data:ro,rw busybox").exits(1).says("invalid mode: ro,rw");
        docker.run("create --network none -v data:/data:rslave busybox")
                .exits(1)
                .says("invalid volume specification: 'data:/data:rslave'", "field BindOptions must not be specified");
        docker.run("create --network none -v a:b:c:d busybox").exits(1).says("invalid volume specification: 'a:b:c:d'");
        docker.run("create --network none --mount type=bind,src=/tmp,dst=/data,bind-propagation=up busybox")
                .exits(1)
                .says("invalid propagation mode: up");
    }

    @Test
    void refusesSourcesThatDoNotFit() {
        docker.run("create --network none --mount type=tmpfs,src=/tmp,dst=/data busybox")
                .exits(1)
                .says("invalid mount config for type \"tmpfs\": field Source must not be specified");
        docker.run("create --network none --mount type=bind,src=relative,dst=/data busybox")
                .exits(1)
                .says("invalid mount config for type \"bind\": invalid mount path:", "mount path must be absolute");
        docker.run("create --network none -v a/b:/data busybox")
                .exits(1)
                .says("\"a/b\" includes invalid characters for a local volume name");
    }

    @Test
    void onePlaceTakesOne() {
        docker.run("create --network none -v /tmp:/data -v data:/data busybox")
                .exits(1)
                .says("Duplicate mount point: /data");
        docker.run("create --network none -v /tmp:/data --mount type=tmpfs,dst=/data/ busybox")
                .exits(1)
                .says("Duplicate mount point: /data");
        docker.run("create --network none -v /tmp:/data --tmpfs /data busybox")
                .exits(1)
                .says("Duplicate mount point: /data");
        if (subject.longshore()) {
            // The command sends what -v says in any order, and Docker Engine makes a volume before it sees that it is
            // not the first.
            docker.probe("volume ls -q").prints("");
        }
    }

    @Test
    void aVolumeInTheLongForm() {
        shell("--mount type=volume,src=data,dst=/data,volume-label=tier=back", "touch /data/file")
                .ok();
        docker.ok("volume inspect --format '{{.Labels.tier}}' data").prints("back\n");
        shell("--mount source=data,target=/data", "ls /data").ok().prints("file\n");
        shell(
                        "--mount type=volume,src=memory,dst=/data,volume-driver=local,volume-opt=type=tmpfs,volume-opt=device=tmpfs",
                        "stat -f -c %T /data")
                .ok()
                .prints("tmpfs\n");
        docker.ok("volume inspect --format {{.Options.type}} memory").prints("tmpfs\n");
        docker.run("create --network none --mount type=volume,src=x1,dst=/data,volume-opt=colour=x busybox")
                .exits(1)
                .says("invalid option: \"colour\"");
    }

    @Test
    void anAnonymousVolumeInTheLongForm() {
        docker.ok("create --name uses --network none --mount type=volume,dst=/data busybox true");
        docker.ok("inspect --format '{{range .Mounts}}{{.Type}} {{.Destination}} {{.Mode}} {{.RW}}{{end}}' uses")
                .prints("volume /data z true\n");
        docker.ok("rm -v uses");
        docker.ok("volume ls -q").prints("");
    }

    @Test
    void inMemory() {
        shell(
                        "--mount type=tmpfs,dst=/data,tmpfs-size=1m,tmpfs-mode=750",
                        "stat -c %a /data; stat -f -c %T /data; grep -c \" /data tmpfs.*size=1024k\" /proc/mounts")
                .ok()
                .prints("750\ntmpfs\n1\n");
        shell("--tmpfs /data:size=2m,exec", "grep -c \" /data tmpfs.*size=2048k\" /proc/mounts")
                .prints("1\n");
    }

    @Test
    void labelsOfSelinuxAreTaken() throws IOException {
        Path source = directory("shared");
        shell("-v " + source + ":/a:z -v " + source + ":/b:ro,Z -v data:/c:Z", "cat /a/file; ls /b")
                .ok()
                .prints("from the host\nfile\n");
    }

    @Test
    void inspectShowsThem() throws IOException {
        Path source = directory("shared");
        docker.ok("create --name uses --network none -v " + source + "/:/data:ro,z busybox true");
        docker.ok("inspect --format '{{range .Mounts}}{{.Type}} [{{.Name}}] {{.Source}} {{.Destination}} [{{.Driver}}]"
                        + " {{.Mode}} {{.RW}} {{.Propagation}}{{end}} {{json .HostConfig.Binds}}' uses")
                .prints("bind [] " + source + " /data [] ro,z false rprivate [\"" + source + "/:/data:ro,z\"]\n");
        docker.ok("create --name long --network none --mount type=bind,src=" + source
                + ",dst=/data,bind-propagation=private busybox true");
        docker.ok(
                        "inspect --format '{{range .Mounts}}[{{.Mode}}] {{.RW}} {{.Propagation}}{{end}}"
                                + " {{range .HostConfig.Mounts}}{{.Type}} {{.Target}} {{.BindOptions.Propagation}}{{end}}' long")
                .prints("[] true private bind /data private\n");
        docker.ok("ps -a --filter volume=" + source + " --format {{.Names}}").prints("long\nuses\n");
        docker.ok("ps -a --filter name=uses --format {{.Mounts}} --no-trunc").prints(source + "\n");
    }

    @Test
    void ofAnotherContainer() throws IOException {
        Path source = directory("shared");
        docker.ok("create --name has --network none -v " + source + ":/bound -v data:/named -v /anonymous busybox"
                + " true");
        shell("--volumes-from has", "cat /bound/file; touch /named/file /anonymous/file")
                .ok()
                .prints("from the host\n");
        shell("--volumes-from has:ro", "ls /named /anonymous; touch /named/x; touch /bound/x; touch /anonymous/x")
                .exits(1)
                .prints("/anonymous:\nfile\n\n/named:\nfile\n"
                        .replace("/anonymous:\nfile\n\n/named:\nfile\n", "/anonymous:\nfile\n\n/named:\nfile\n"));
        shell("--volumes-from has -v other:/named", "ls /named").ok().prints("");
        docker.ok("create --name takes --network none --volumes-from has:ro busybox true");
        docker.ok(
                        "inspect --format '{{len .Mounts}} {{.HostConfig.VolumesFrom}}{{range .Mounts}} {{.RW}}{{end}}' takes")
                .prints("3 [has:ro] false false false\n");
        String anonymous =
                "volume ls -q --filter name=" + docker.value("has", "{{.Id}}").substring(0, 0);
        docker.ok("rm -v has");
        docker.probe(anonymous).ok().printsMatch("(?m)^[0-9a-f]{64}$");
        docker.ok("rm -v takes");
        docker.ok("volume ls -q").prints("data\nother\n");
    }

    @Test
    void refusesContainersThatItCannotTakeFrom() {
        docker.run("create --network none --volumes-from nosuch busybox")
                .exits(1)
                .says("No such container: nosuch");
        docker.ok("create --name has --network none -v /data busybox true");
        docker.run("create --network none --volumes-from has:what busybox")
                .exits(1)
                .says("invalid mode: what");
        docker.run("create --network none --volumes-from has:rslave busybox")
                .exits(1)
                .says("invalid mode: rslave");
    }

    @Test
    void whatTheImageWantsGivesWay() throws IOException {
        Path source = directory("shared");
        docker.ok("run --name maker --network none busybox mkdir /data");
        docker.probe("commit --change 'VOLUME /data' maker made").ok();
        docker.ok("run --rm --network none -v " + source + ":/data made cat /data/file")
                .prints("from the host\n");
        docker.ok("run --rm --network none --tmpfs /data made stat -f -c %T /data")
                .prints("tmpfs\n");
        docker.ok("create --name plain --network none made true");
        docker.ok("inspect --format '{{range .Mounts}}{{.Type}} {{.Destination}}{{end}}' plain")
                .prints("volume /data\n");
        docker.ok("rm -v plain maker");
        docker.probe("rmi made").ok();
    }

    @Test
    void copiesGoThroughThem() throws IOException {
        Path source = directory("shared");
        write("in", Docker.bytes("copied in\n"));
        docker.ok("create --name box --network none -v " + source + ":/bound -v data:/named -v " + source
                + "/file:/single busybox sh -c 'cat /named/in; sleep 60'");
        docker.ok("cp in box:/named/in");
        docker.ok("cp in box:/bound/in");
        assertThat(source.resolve("in")).hasContent("copied in\n");
        docker.ok("cp box:/bound/file out");
        docker.ok("cp box:/single single");
        assertThat(docker.home().resolve("out")).hasContent("from the host\n");
        assertThat(docker.home().resolve("single")).hasContent("from the host\n");
        docker.ok("start box");
        docker.awaitLog("box", "copied in");
        docker.ok("cp box:/named/in again");
        docker.ok("cp in box:/bound/running");
        assertThat(docker.home().resolve("again")).hasContent("copied in\n");
        assertThat(source.resolve("running")).hasContent("copied in\n");
    }

    @Test
    void copiesDoNotGoIntoWhatIsReadOnly() throws IOException {
        Path source = directory("shared");
        write("in", Docker.bytes("x"));
        docker.ok("create --name box --network none -v " + source + ":/bound:ro busybox true");
        docker.run("cp in box:/bound/in").exits(1).says("mounted volume is marked read-only");
        assertThat(source.resolve("in")).doesNotExist();
    }

    /** The place is looked up in the container's root: what a link of the image means outside is nothing to it. */
    @Test
    void aLinkOfTheImageIsFollowedInside() throws IOException {
        Path source = directory("shared");
        docker.ok("run --name maker --network none busybox ln -s " + docker.home() + "/outside /link");
        docker.probe("commit maker made").ok();
        docker.ok("run --rm --network none -v " + source + ":/link made cat /link/file")
                .prints("from the host\n");
        assertThat(docker.home().resolve("outside")).doesNotExist();
        docker.ok("rm maker");
        docker.probe("rmi made").ok();
    }

    @Test
    void byAnOciRuntime() throws IOException {
        Path source = directory("shared");
        String runc = "--runtime runc ";
        shell(
                        runc + "-v " + source + ":/data -v named:/named -v " + source + "/file:/single:ro",
                        "cat /data/file /single")
                .ok()
                .prints("from the host\nfrom the host\n");
        shell(runc + "-v " + source + ":/data:ro", "touch /data/x").exits(1);
        shell(runc + "-v named:/etc", "true").ok();
    }
}
