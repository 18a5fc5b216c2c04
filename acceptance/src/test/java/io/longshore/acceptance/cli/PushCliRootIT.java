package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.image.SavedImage;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docker push}, and {@code docker login}, to Debian's registry. */
class PushCliRootIT extends RegistryCases {
    private static final SavedImage IMAGE = image("pushed:1");

    private void load(String... names) throws IOException {
        write("image.tar", IMAGE.archive());
        docker.probe("load -q -i image.tar").ok();
        for (String name : names) {
            docker.probe("tag pushed:1 " + at(name)).ok();
        }
    }

    private static long count(Outcome outcome, String status) {
        return outcome.lines().stream()
                .filter(line -> line.endsWith(": " + status))
                .count();
    }

    @Test
    void pushThenPullElsewhere() throws IOException {
        load("new/app:1");
        // Perhaps a layer comes from where another case has brought it.
        Outcome pushed = docker.probe("push " + at("new/app:1")).ok();
        pushed.printsPart("The push refers to repository [" + at("new/app") + "]\n")
                .printsMatch("(?m)^1: digest: sha256:[0-9a-f]{64} size: [0-9]+$");
        assertThat(pushed.lines().stream()
                        .filter(line -> line.matches("[0-9a-f]{12}: (Pushed|Mounted.*|Layer already exists)")))
                .hasSize(2);
        docker.probe("rmi " + at("new/app:1") + " pushed:1").ok();
        docker.probe("pull -q " + at("new/app:1")).ok();
        assertThat(docker.value(at("new/app:1"), "{{.Id}}")).isEqualTo(IMAGE.id());
        docker.ok("run --rm --network none " + at("new/app:1")).prints("entry from image\n");
    }

    @Test
    void whatIsThereIsNotPushedAgain() throws IOException {
        load("again:1");
        docker.probe("push -q " + at("again:1")).ok();
        Outcome pushed = docker.run("push " + at("again:1")).ok();
        assertThat(count(pushed, "Layer already exists")).isEqualTo(2);
        assertThat(count(pushed, "Pushed")).isZero();
    }

    @Test
    void layersOfAnotherRepositoryAreMounted() throws IOException {
        load("one:1", "two:1");
        docker.probe("push -q " + at("one:1")).ok();
        Outcome pushed = docker.probe("push " + at("two:1")).ok();
        assertThat(pushed.lines().stream().filter(line -> line.contains(": Mounted")))
                .hasSize(2);
    }

    @Test
    void skopeoReadsWhatWasPushed() throws IOException {
        load("read:1");
        docker.probe("push -q " + at("read:1")).ok();
        String manifest = registry().skopeo("inspect", "--raw", "--tls-verify=false", "docker://" + at("read:1"));
        assertThat(manifest)
                .contains(
                        "application/vnd.docker.distribution.manifest.v2+json",
                        "application/vnd.docker.image.rootfs.diff.tar.gzip",
                        IMAGE.id());
    }

    @Test
    void pushGivesADigest() throws IOException {
        load("digest:1");
        String digest =
                docker.probe("push " + at("digest:1")).ok().lines().getLast().split(" ")[2];
        docker.ok("image inspect --format '{{json .RepoDigests}}' pushed:1")
                .prints("[\"" + at("digest") + "@" + digest + "\"]\n");
    }

    @Test
    void quietPushPrintsTheName() throws IOException {
        load("quiet:1");
        docker.ok("push -q " + at("quiet:1")).prints(at("quiet:1") + "\n");
    }

    @Test
    void allTagsOfARepository() throws IOException {
        load("many:1", "many:2");
        docker.probe("push -a " + at("many")).ok().printsPart("1: digest: ", "2: digest: ");
        String tags = registry().skopeo("list-tags", "--tls-verify=false", "docker://" + at("many"));
        assertThat(tags).contains("\"1\"", "\"2\"");
    }

    @Test
    void pushOfWhatIsNotThere() {
        docker.run("push " + at("nosuch:1"))
                .exits(1)
                .says("An image does not exist locally with the tag: " + at("nosuch"));
    }

    @Test
    void pushOfATagThatIsNotThere() throws IOException {
        load("tags:1");
        docker.run("push " + at("tags:2")).exits(1).saysMatch("does not exist");
    }

    @Test
    void nobodyListens() throws IOException {
        load();
        docker.probe("tag pushed:1 127.0.0.1:1/app:1").ok();
        docker.run("push 127.0.0.1:1/app:1").exits(1).says("127.0.0.1:1", "connection refused");
    }

    @Test
    void pushedContainersRunElsewhere() {
        docker.probe("run --name made --network none busybox sh -c 'echo changed >/changed'")
                .ok();
        docker.probe("commit made " + at("made:1")).ok();
        docker.probe("push -q " + at("made:1")).ok();
        docker.probe("rm made").ok();
        docker.probe("rmi " + at("made:1")).ok();
        docker.ok("run --rm --network none " + at("made:1") + " cat /changed").prints("changed\n");
    }

    @Test
    void eventsTellOfThePush() throws IOException {
        load("events:1");
        docker.probe("push -q " + at("events:1")).ok();
        String now = Long.toString(java.time.Instant.now().getEpochSecond() + 1);
        List<String> events = docker.probe("events --since 5m --until " + now
                        + " --filter event=push --format '{{.Action}} {{.Actor.ID}}'")
                .lines();
        assertThat(events).contains("push " + at("events:1"));
    }
}
