package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.process.Program;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code docker diff}, {@code docker export} and {@code docker commit}. */
class DiffExportCommitCliRootIT extends CliCases {
    @AfterEach
    void removeImages() {
        if (docker == null) {
            return;
        }
        docker.probe("ps -aq").lines().forEach(container -> docker.probe("rm -f -v " + container));
        for (String image : docker.probe("images -q --no-trunc").lines()) {
            if (!docker.value(image, "{{.Id}}").equals(docker.value("busybox", "{{.Id}}"))) {
                docker.probe("rmi -f " + image);
            }
        }
    }

    private void ran(String script) {
        docker.ok("run --name box --network none busybox sh -c '" + script + "'");
    }

    private void running(String script) {
        docker.ok("run -d --name box --network none busybox sh -c '" + script + "; echo ready; sleep 600'");
        long end = System.nanoTime() + 30_000_000_000L;
        while (!docker.probe("logs box").out().contains("ready") && System.nanoTime() < end) {
            LockSupport.parkNanos(20_000_000);
        }
    }

    private List<String> diff() {
        return docker.probe("diff box").ok().lines().stream().sorted().toList();
    }

    @Test
    void aContainerThatChangedNothingHasNoDifference() {
        docker.ok("create --name never --network none busybox true");
        docker.ok("diff never").prints("");
        docker.ok("run --name box --network none busybox true");
        docker.ok("diff box").prints("");
    }

    @Test
    void tellsWhatWasAddedChangedAndDeleted() {
        ran(
                "echo x >/etc/new; echo x >>/etc/group; rm /etc/not-executable; mkdir /etc/d; echo y >/etc/d/f; mkdir /top; rm -r /home");
        assertThat(diff())
                .containsExactly(
                        "A /etc/d",
                        "A /etc/d/f",
                        "A /etc/new",
                        "A /top",
                        "C /etc",
                        "C /etc/group",
                        "D /etc/not-executable",
                        "D /home");
        docker.run("diff nosuch").exits(1).says("No such container: nosuch");
    }

    @Test
    void tellsOfARunningContainer() {
        running("echo x >/root/f");
        assertThat(diff()).containsExactly("A /root/f", "C /root");
    }

    @Test
    void exportsTheFileSystemOfAStoppedContainer() {
        docker.ok(
                "run --name box --network none -v /vol busybox sh -c 'echo kept >/kept; rm /etc/group; echo x >/vol/in'");
        docker.ok("export -o out.tar box").prints("");
        docker.ok("import out.tar exported");
        docker.ok(
                        "run --rm --network none exported /bin/sh -c 'cat /kept; ls -A /vol; test -e /etc/group || echo removed'")
                .prints("kept\nremoved\n");
    }

    /** Owners, modes, times, links and capabilities, as tar(1) packs and unpacks them. */
    @Test
    void exportsWhatWasImported() {
        shell("""
                mkdir -p t/d/empty && cd t && echo one >d/file && ln d/file d/hard && ln -s file d/link && mkfifo d/fifo
                cp /bin/true d/able && chown -h 7:8 d/link && chmod 1777 d/empty
                python3 -c "import os; os.setxattr('d/able', 'security.capability', bytes.fromhex('0100000200200000' + '00' * 12))"
                chown 123:4567 d/file && chmod 4755 d/file && touch -d '2001-02-03 04:05:06' d/file d/empty d/able d/fifo d
                touch -h -d '2002-03-04 05:06:07' d/link
                tar --format=pax --xattrs --xattrs-include='*' -cf ../tree.tar .
                """);
        docker.probe("import tree.tar tree:1").ok();
        docker.probe("create --name box --network none tree:1 /d/able").ok();
        docker.probe("export -o out.tar box").ok();
        String tree = unpacked("tree.tar", "before");
        assertThat(tree).contains("file f 4755 123:4567 981173106.0000000000 2", "0100000200200000");
        assertThat(unpacked("out.tar", "after")).isEqualTo(tree);
    }

    private String unpacked(String archive, String directory) {
        return shell("mkdir " + directory + " && tar -C " + directory + " --xattrs --xattrs-include='*' -xpf " + archive
                + " && cd " + directory + "/d && find . -printf '%P %y %m %U:%G %T@ %n %l\\n' | LC_ALL=C sort"
                + " && python3 -c \"import os; print(os.getxattr('able', 'security.capability').hex())\"");
    }

    private String shell(String script) {
        return Program.run(List.of("sh", "-c", "set -e; cd " + docker.home() + "\n" + script))
                .ok()
                .out();
    }

    @Test
    void exportsARunningContainerToStandardOutput() {
        running("echo kept >/kept");
        docker.probe("export box").ok().printsPart("bin/busybox", "kept\n");
        docker.run("export -o out.tar nosuch").exits(1).says("No such container: nosuch");
    }

    @Test
    void commitsWhatTheContainerChanged() {
        ran(
                "echo new >/new; rm /etc/group; rm -r /home; mkdir /home; echo y >/home/y; chown 5:6 /new; chmod 4711 /new; ln /new /second");
        String id = docker.ok("commit box committed:1").text();
        assertThat(id).matches("sha256:[0-9a-f]{64}");
        docker.ok("rm box");
        docker.ok(
                        "run --rm --network none committed:1 sh -c 'cat /new; ls /home; [ -e /etc/group ] || echo gone; stat -c \"%u:%g %a %h\" /second'")
                .prints("new\ny\ngone\n5:6 4711 2\n");
        assertThat(docker.value("committed:1", "{{.Id}}")).isEqualTo(id);
        docker.ok("image inspect --format '{{len .RootFS.Layers}} {{.Os}} {{.Architecture}}' committed:1")
                .prints("2 linux amd64\n");
        assertThat(docker.value("committed:1", "{{.Parent}}")).isEqualTo(docker.value("busybox", "{{.Id}}"));
    }

    @Test
    void commitsARunningContainer() {
        running("echo new >/new");
        docker.ok("commit box committed");
        docker.ok("commit -p=false box second");
        docker.ok("inspect --format '{{.State.Status}}' box").prints("running\n");
        docker.ok("run --rm --network none committed cat /new").prints("new\n");
        docker.ok("run --rm --network none second cat /new").prints("new\n");
    }

    @Test
    void writesAuthorMessageAndHistoryDown() {
        ran("echo new >/new");
        docker.ok("commit --author 'A. Uthor <a@example.test>' --message 'what was done' box committed");
        docker.ok("image inspect --format '{{.Author}}|{{.Comment}}' committed")
                .prints("A. Uthor <a@example.test>|what was done\n");
        docker.ok("history --no-trunc --format '{{.CreatedBy}}|{{.Comment}}' committed")
                .printsPart("sh -c echo new >/new|what was done\n");
    }

    @Test
    void keepsTheContainersConfiguration() {
        docker.ok(
                "run --name box --network none --env A=1 --label l=v --user daemon --workdir /tmp --entrypoint sh busybox -c 'echo $A'");
        docker.ok("commit box committed");
        docker.ok(
                        "image inspect --format '{{json .Config.Env}} {{json .Config.Labels}} {{.Config.User}} {{.Config.WorkingDir}} {{json .Config.Entrypoint}} {{json .Config.Cmd}}' committed")
                .printsPart("\"A=1\"", "{\"l\":\"v\"} daemon /tmp [\"sh\"] [\"-c\",\"echo $A\"]\n");
        docker.ok("run --rm --network none committed").prints("1\n");
    }

    @Test
    void appliesChanges() {
        docker.ok("run --name box --network none --env A=1 --label l=v busybox true");
        docker.ok(
                "commit --change 'ENV A=2 C=3' --change 'LABEL m=\"w x\"' --change 'CMD [\"sh\",\"-c\",\"echo $A$C\"]' --change 'WORKDIR /etc' --change 'EXPOSE 80' --change 'VOLUME /v' --change 'USER 1:1' box committed");
        docker.ok(
                        "image inspect --format '{{json .Config.Labels}} {{.Config.WorkingDir}} {{json .Config.ExposedPorts}} {{json .Config.Volumes}} {{.Config.User}}' committed")
                .prints("{\"l\":\"v\",\"m\":\"w x\"} /etc {\"80/tcp\":{}} {\"/v\":{}} 1:1\n");
        docker.ok("run --rm --network none committed").prints("23\n");
    }

    @Test
    void changesMayNameVariablesAndChecks() {
        docker.ok("create --name box --network none --env A=one busybox true");
        docker.ok(
                "commit --change 'ENV B=$A C=${none:-two}' --change 'LABEL l=\"$A x\"' --change 'WORKDIR /srv/$A' --change 'HEALTHCHECK --interval=90s --retries=2 CMD test -e /x' box committed");
        docker.ok(
                        "inspect --format '{{index .Config.Labels \"l\"}} {{.Config.WorkingDir}} {{json .Config.Healthcheck}}' committed")
                .prints(
                        "one x /srv/one {\"Test\":[\"CMD-SHELL\",\"test -e /x\"],\"Interval\":90000000000,\"Retries\":2}\n");
        docker.ok("run --rm --network none committed sh -c 'echo $B $C'").prints("one two\n");
        docker.run("commit --change 'HEALTHCHECK --often=1s CMD true' box committed")
                .exits(1);
    }

    @Test
    @LongshoreOnly("Docker Engine 20.10 does not know this change yet")
    void aStopSignalIsAChange() {
        docker.ok("run --name box --network none busybox true");
        docker.ok("commit --change 'STOPSIGNAL SIGINT' box committed");
        docker.ok("image inspect --format '{{.Config.StopSignal}}' committed").prints("SIGINT\n");
    }

    @Test
    void anEntrypointTakesTheCommandAway() {
        docker.ok("run --name box --network none busybox echo old");
        docker.ok("commit --change 'ENTRYPOINT [\"echo\",\"new\"]' box committed");
        docker.ok("image inspect --format '{{json .Config.Entrypoint}} {{json .Config.Cmd}}' committed")
                .prints("[\"echo\",\"new\"] null\n");
        docker.ok("run --rm --network none committed").prints("new\n");
    }

    @Test
    void aContainerThatChangedNothingAddsNoLayer() {
        docker.ok("create --name box --network none busybox echo same");
        docker.ok("commit box committed");
        docker.ok("image inspect --format '{{len .RootFS.Layers}}' committed").prints("1\n");
        docker.ok("run --rm --network none committed").prints("same\n");
    }

    @Test
    void aNameIsNotNeeded() {
        ran("echo x >/x");
        String id = docker.ok("commit box").text();
        docker.ok("images -q --no-trunc --filter dangling=true").prints(id + "\n");
        docker.ok("run --rm --network none " + id + " cat /x").prints("x\n");
        docker.ok("rmi " + id);
    }

    @Test
    void aNameThatWasTakenMoves() {
        ran("echo x >/x");
        String first = docker.ok("commit box committed").text();
        String second = docker.ok("commit box committed").text();
        assertThat(second).isNotEqualTo(first);
        assertThat(docker.value("committed", "{{.Id}}")).isEqualTo(second);
    }

    @Test
    void refusesAndLeavesNothing() {
        ran("echo x >/x");
        docker.run("commit box Upper/CASE").exits(1).says("lowercase");
        docker.run("commit nosuch committed").exits(1).says("No such container: nosuch");
        docker.run("commit --change 'RUN true' box committed")
                .exits(1)
                .saysMatch("(?i)run is not a valid change command");
        docker.run("commit --change 'EXPOSE many' box committed").exits(1).saysMatch("(?i)invalid.*many");
        docker.ok("images --format {{.Repository}}:{{.Tag}}").prints("busybox:latest\n");
    }

    @Test
    void commitsOnACommit() {
        ran("echo 1 >/one; echo 1 >/both");
        docker.ok("commit box first");
        docker.ok("run --name second --network none first sh -c 'echo 2 >/two; echo 2 >/both; rm /one'");
        docker.ok("commit second second");
        docker.ok("rm box second");
        docker.ok("run --rm --network none second sh -c 'cat /two /both; ls /one || echo gone'")
                .prints("2\n2\ngone\n");
        docker.ok("image inspect --format '{{len .RootFS.Layers}}' second").prints("3\n");
    }

    @Test
    void tellsTheEvent() {
        ran("echo x >/x");
        java.time.Instant since = java.time.Instant.now();
        String id = docker.ok("commit -m why box committed:1").text();
        java.time.Instant until = java.time.Instant.now();
        docker.probe(
                        "events --since " + seconds(since) + " --until " + seconds(until)
                                + " --filter event=commit --format '{{.Type}} {{.Actor.Attributes.comment}} {{.Actor.Attributes.imageRef}} {{.Actor.Attributes.imageID}}'")
                .ok()
                .prints("container why committed:1 " + id + "\n");
    }

    private static String seconds(java.time.Instant time) {
        return time.getEpochSecond() + "." + String.format("%09d", time.getNano());
    }
}
