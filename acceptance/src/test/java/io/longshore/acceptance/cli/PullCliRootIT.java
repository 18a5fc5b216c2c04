package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.image.SavedImage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code docker pull}, and {@code docker run} of what is not there yet, from Debian's registry. */
class PullCliRootIT extends RegistryCases {
    private static final SavedImage CONFIGURED = image("app:v1");

    private void offer(String... names) {
        for (String name : names) {
            registry().put(CONFIGURED, name);
        }
    }

    @Test
    void pullTellsTheLayersAndTheDigest() {
        offer("team/app:v1");
        Outcome pulled = docker.run("pull " + at("team/app:v1")).ok();
        pulled.printsPart(
                "v1: Pulling from team/app\n", "Status: Downloaded newer image for " + at("team/app:v1") + "\n");
        pulled.printsMatch("(?m)^Digest: sha256:[0-9a-f]{64}$");
        assertThat(pulled.lines().stream().filter(line -> line.endsWith(": Pull complete")))
                .hasSize(2);
        assertThat(pulled.lines().stream().filter(line -> line.endsWith(": Pulling fs layer")))
                .hasSize(2);
        assertThat(pulled.lines().getLast()).isEqualTo(at("team/app:v1"));
        assertThat(docker.value(at("team/app:v1"), "{{.Id}}")).isEqualTo(CONFIGURED.id());
        docker.ok("run --rm --network none " + at("team/app:v1")).prints("entry from image\n");
    }

    @Test
    void pullAgainIsUpToDate() {
        offer("app:v1");
        docker.probe("pull -q " + at("app:v1")).ok();
        docker.ok("pull " + at("app:v1"))
                .printsPart("v1: Pulling from app\n", "Status: Image is up to date for " + at("app:v1") + "\n")
                .printsNone("Pull complete");
    }

    @Test
    void quietPullPrintsTheName() {
        offer("app:quiet");
        docker.ok("pull -q " + at("app:quiet")).prints(at("app:quiet") + "\n");
    }

    @Test
    void anotherTagOfTheSameImageIsNew() {
        offer("app:v1", "app:v2");
        docker.probe("pull -q " + at("app:v1")).ok();
        docker.ok("pull " + at("app:v2"))
                .printsPart("Status: Downloaded newer image for " + at("app:v2") + "\n")
                .printsNone("Pull complete");
    }

    @Test
    void layersThatAreThereAlreadyExist() {
        offer("app:v1");
        registry().put(baseImage("app:base"), "app:base");
        docker.probe("pull -q " + at("app:base")).ok();
        Outcome pulled = docker.run("pull " + at("app:v1")).ok();
        assertThat(pulled.lines().stream().filter(line -> line.endsWith(": Already exists")))
                .hasSize(1);
        assertThat(pulled.lines().stream().filter(line -> line.endsWith(": Pull complete")))
                .hasSize(1);
    }

    @Test
    void pullByDigest() {
        offer("app:v1");
        docker.probe("pull -q " + at("app:v1")).ok();
        String digest = docker.probe("image inspect --format '{{index .RepoDigests 0}}' " + at("app:v1"))
                .text();
        assertThat(digest).startsWith(at("app") + "@sha256:");
        docker.probe("rmi " + at("app:v1")).ok();
        docker.ok("pull " + digest)
                .printsPart(": Pulling from app\n", "Status: Downloaded newer image for " + digest + "\n");
        docker.ok("images --digests --format '{{.Tag}} {{.Digest}}' " + at("app"))
                .prints("<none> " + digest.substring(digest.indexOf('@') + 1) + "\n");
        docker.ok("run --rm --network none " + digest).prints("entry from image\n");
    }

    @Test
    void repoDigestsAndTags() {
        offer("app:v1");
        docker.probe("pull -q " + at("app:v1")).ok();
        docker.ok("image inspect --format '{{json .RepoTags}} {{len .RepoDigests}}' " + at("app:v1"))
                .prints("[\"" + at("app:v1") + "\"] 1\n");
    }

    @Test
    void rmiOfTheLastTagTakesTheDigestToo() {
        offer("app:v1");
        docker.probe("pull -q " + at("app:v1")).ok();
        docker.ok("rmi " + at("app:v1"))
                .printsPart(
                        "Untagged: " + at("app:v1") + "\n",
                        "Untagged: " + at("app@sha256:"),
                        "Deleted: " + CONFIGURED.id());
        docker.ok("images -q " + at("app")).prints("");
    }

    @Test
    void allTags() {
        offer("many:one", "many:two");
        registry().put(baseImage("app:base"), "many:three");
        docker.ok("pull -a " + at("many"))
                .printsPart(
                        "one: Pulling from many\n",
                        "two: Pulling from many\n",
                        "three: Pulling from many\n",
                        "Status: Downloaded newer image for " + at("many") + "\n");
        assertThat(docker.probe("images --format {{.Tag}} " + at("many")).lines())
                .containsExactlyInAnyOrder("one", "two", "three");
    }

    @Test
    void runPullsWhatIsMissing() {
        offer("app:run");
        Outcome ran = docker.run("run --rm --network none " + at("app:run")).ok();
        ran.prints("entry from image\n");
        ran.says(
                "Unable to find image '" + at("app:run") + "' locally\n",
                "Status: Downloaded newer image for " + at("app:run"));
    }

    @Test
    void createPullsWhatIsMissing() {
        offer("app:create");
        docker.run("create --name made --network none " + at("app:create")).ok().says("Unable to find image");
        docker.ok("start -a made").prints("entry from image\n");
    }

    @Test
    void pullAlways() {
        offer("app:always");
        docker.probe("pull -q " + at("app:always")).ok();
        docker.run("run --rm --pull always --network none " + at("app:always"))
                .ok()
                .prints("entry from image\n")
                .says("Image is up to date");
    }

    @Test
    void pullNeverDoesNotAsk() {
        offer("app:never");
        docker.run("run --rm --pull never --network none " + at("app:never"))
                .exits(125)
                .says("No such image: " + at("app:never"));
    }

    @Test
    void unknownTag() {
        offer("app:v1");
        docker.run("pull " + at("app:nosuch"))
                .exits(1)
                .says("manifest for " + at("app:nosuch") + " not found: manifest unknown: manifest unknown");
    }

    @Test
    void unknownRepository() {
        docker.run("pull " + at("nosuch/app:v1")).exits(1).saysMatch("not found: .*unknown");
        docker.run("run --rm --network none " + at("nosuch/app:v1")).exits(125).says("not found");
    }

    @Test
    void unknownDigest() {
        offer("app:v1");
        String digest = "sha256:" + "0".repeat(64);
        docker.run("pull " + at("app@" + digest)).exits(1).says("manifest unknown");
    }

    @Test
    void nobodyListens() {
        docker.run("pull 127.0.0.1:1/app:v1").exits(1).says("127.0.0.1:1", "connection refused");
    }

    @Test
    void badNames() {
        docker.run("pull Upper/Case").exits(1).saysMatch("invalid reference format");
        docker.run("pull " + at("app:v1:v2")).exits(1).says("invalid reference format");
    }

    @Test
    void platformOfAnImageThatHasOne() {
        offer("app:v1");
        docker.ok("pull --platform linux/amd64 " + at("app:v1")).printsPart("Status: Downloaded newer image");
        docker.run("pull --platform nonsense/a/b/c " + at("app:v1")).exits(1);
    }

    @Test
    void platformOfAListOfImages() {
        registry()
                .putList(
                        "listed:1",
                        Map.of("linux/amd64", image("listed:amd64"), "linux/arm64", baseImage("listed:arm64")));
        docker.ok("pull -q " + at("listed:1"));
        assertThat(docker.value(at("listed:1"), "{{.Id}}"))
                .isEqualTo(image("listed:amd64").id());
        docker.probe("rmi " + at("listed:1")).ok();
        docker.ok("pull -q --platform linux/arm64 " + at("listed:1"));
        assertThat(docker.value(at("listed:1"), "{{.Id}}"))
                .isEqualTo(baseImage("listed:arm64").id());
        docker.probe("pull --platform linux/s390x " + at("listed:1"))
                .exits(1)
                .saysMatch("no matching manifest for linux/s390x");
    }

    @Test
    void pulledImagesAreInTheHistoryAndTheList() {
        offer("app:v1");
        docker.probe("pull -q " + at("app:v1")).ok();
        docker.ok("history --no-trunc --format '{{.CreatedBy}}' " + at("app:v1"))
                .prints("layer 1\nlayer 0\n");
        docker.ok("images --format '{{.Repository}}:{{.Tag}}' --filter reference=" + at("app:*"))
                .prints(at("app:v1") + "\n");
    }

    @Test
    void eventsTellOfThePull() {
        offer("app:events");
        docker.probe("pull -q " + at("app:events")).ok();
        String now = Long.toString(java.time.Instant.now().getEpochSecond() + 1);
        List<String> events = docker.probe("events --since 5m --until " + now
                        + " --filter event=pull --format '{{.Action}} {{.Actor.ID}}'")
                .lines();
        assertThat(events).contains("pull " + at("app:events"));
    }
}
