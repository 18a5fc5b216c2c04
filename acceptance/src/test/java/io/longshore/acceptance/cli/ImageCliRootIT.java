package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** {@code docker load}, {@code import}, {@code images}, {@code history}, {@code tag} and {@code rmi}. */
@Order(4)
class ImageCliRootIT extends CliCases {
    private static final SavedImage CONFIGURED = Busybox.configured();

    @AfterEach
    void removeImages() {
        for (String image :
                docker.probe("images --format {{.Repository}}:{{.Tag}}").lines()) {
            if (!image.equals("busybox:latest")) {
                docker.probe("rmi -f " + image);
            }
        }
    }

    private void load() throws IOException {
        write("image.tar", CONFIGURED.archive());
        docker.ok("load -i image.tar").printsPart("Loaded image: configured:latest\n");
    }

    @Test
    void loadKeepsTheConfiguration() throws IOException {
        load();
        assertThat(docker.value("configured", "{{.Id}}")).isEqualTo(CONFIGURED.id());
        docker.ok(
                        "image inspect --format '{{json .Config.Entrypoint}} {{json .Config.Cmd}} {{.Config.User}} {{.Config.WorkingDir}} {{.Config.StopSignal}} {{json .Config.Labels}} {{.Os}}/{{.Architecture}} {{len .RootFS.Layers}} {{json .RepoTags}}' configured")
                .prints(
                        "[\"/bin/echo\",\"entry\"] [\"from\",\"image\"] daemon /srv SIGUSR1 {\"maker\":\"acceptance\",\"tier\":\"image\"} linux/amd64 2 [\"configured:latest\"]\n");
    }

    @Test
    void runTakesTheImagesConfiguration() throws IOException {
        load();
        docker.ok("run --rm --network none configured").prints("entry from image\n");
        docker.ok("run --rm --network none configured over").prints("entry over\n");
        docker.ok("run --rm --network none --entrypoint sh configured -c 'id -un; pwd; echo $COLOUR; cat second'")
                .prints("daemon\n/srv\nblue\nfrom the second layer\n");
        docker.ok("create --name made --network none --label tier=own configured");
        docker.ok(
                        "inspect --format '{{json .Config.Labels}} {{.Config.StopSignal}} {{json .Config.Entrypoint}} {{json .Config.Cmd}} {{.Config.User}}' made")
                .prints(
                        "{\"maker\":\"acceptance\",\"tier\":\"own\"} SIGUSR1 [\"/bin/echo\",\"entry\"] [\"from\",\"image\"] daemon\n");
    }

    @Test
    void loadReadsStandardInputAndGzip() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write(CONFIGURED.archive());
        }
        docker.run("load", zipped.toByteArray()).ok().printsPart("Loaded image: configured:latest\n");
        assertThat(docker.value("configured", "{{.Id}}")).isEqualTo(CONFIGURED.id());
    }

    @Test
    void loadTwiceIsTheSameImage() throws IOException {
        load();
        load();
        docker.ok("images -q configured").prints(CONFIGURED.id().substring(7, 19) + "\n");
    }

    @Test
    void loadRefusesWhatIsNoImage() throws IOException {
        write("bad.tar", Docker.bytes("this is no archive"));
        Outcome refused = docker.run("load -i bad.tar").exits(1);
        if (subject.longshore()) {
            refused.says("archive");
        }
        docker.run("load -i nosuch.tar").exits(1).says("nosuch.tar");
        docker.ok("images --format {{.Repository}}:{{.Tag}}").prints("busybox:latest\n");
    }

    @Test
    void importMakesAnImageOfOneLayer() throws IOException {
        write("root.tar", Busybox.layer());
        String id = docker.ok(
                        "import --message 'by hand' --change 'CMD [\"echo\",\"imported\"]' --change 'ENV PATH=/bin' root.tar imported:1")
                .text();
        assertThat(id).matches("sha256:[0-9a-f]{64}");
        docker.ok("run --rm --network none imported:1").prints("imported\n");
        docker.ok("image inspect --format '{{.Comment}} {{len .RootFS.Layers}} {{json .Config.Cmd}}' imported:1")
                .prints("by hand 1 [\"echo\",\"imported\"]\n");
    }

    @Test
    void importRefusesABadName() throws IOException {
        write("root.tar", new TarArchive().file("f", "x").bytes());
        docker.run("import root.tar Upper/CASE").exits(1).says("invalid reference format");
        docker.ok("images --format {{.Repository}}:{{.Tag}}").prints("busybox:latest\n");
    }

    @Test
    void listsImages() throws IOException {
        load();
        docker.ok("images --format '{{.Repository}}:{{.Tag}}'").printsPart("busybox:latest\n", "configured:latest\n");
        docker.ok("images").printsMatch("REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n");
        docker.ok("images -q --no-trunc configured").prints(CONFIGURED.id() + "\n");
        docker.ok("images configured --format {{.Tag}}").prints("latest\n");
        docker.ok("images nosuch -q").prints("");
        docker.ok("images --filter reference=conf* --format {{.Repository}}").prints("configured\n");
        docker.ok("images --filter label=maker=acceptance --format {{.Repository}}")
                .prints("configured\n");
        docker.ok("images --filter dangling=true -q").prints("");
        docker.run("images --filter colour=blue").exits(1).saysMatch("[Ii]nvalid filter '?colour");
    }

    @Test
    void tellsTheHistory() throws IOException {
        load();
        docker.ok("history --no-trunc --format '{{.CreatedBy}}' configured").prints("layer 1\nlayer 0\n");
        docker.ok("history -q --no-trunc configured").prints(CONFIGURED.id() + "\n<missing>\n");
        docker.run("history nosuch").exits(1).says("No such image: nosuch");
    }

    @Test
    void tagsAndUntags() throws IOException {
        load();
        docker.ok("tag configured example.test:5000/team/app:v1").prints("");
        assertThat(docker.value("example.test:5000/team/app:v1", "{{.Id}}")).isEqualTo(CONFIGURED.id());
        docker.ok("rmi example.test:5000/team/app:v1").prints("Untagged: example.test:5000/team/app:v1\n");
        docker.ok("images -q configured").prints(CONFIGURED.id().substring(7, 19) + "\n");
    }

    @Test
    void tagRefuses() {
        docker.run("tag nosuch other").exits(1).says("No such image: nosuch");
        docker.run("tag busybox Upper").exits(1).saysMatch("invalid reference format|not a valid repository/tag");
        docker.ok("images --format {{.Repository}}:{{.Tag}}").prints("busybox:latest\n");
    }

    @Test
    void rmiDeletesTheLastReference() throws IOException {
        load();
        docker.ok("rmi configured").printsPart("Untagged: configured:latest\n", "Deleted: " + CONFIGURED.id() + "\n");
        docker.run("image inspect configured").exits(1).says("No such image: configured");
        docker.ok("run --rm --network none busybox echo still").prints("still\n");
    }

    @Test
    void rmiRefusesWhatIsInUse() throws IOException {
        load();
        docker.ok("create --name user --network none configured");
        docker.run("rmi configured")
                .exits(1)
                .saysMatch(
                        "unable to remove repository reference \"configured\" \\(must force\\) - container [0-9a-f]{12} is using its referenced image [0-9a-f]{12}");
        docker.ok("rm user");
        docker.ok("rmi configured");
        docker.run("rmi nosuch").exits(1).says("No such image: nosuch");
    }

    @Test
    void rmiByForceLeavesAStoppedContainerItsLayers() throws IOException {
        load();
        docker.ok("create --name user --network none configured");
        docker.ok("rmi -f configured")
                .printsPart("Untagged: configured:latest\n", "Deleted: " + CONFIGURED.id() + "\n");
        docker.run("image inspect configured").exits(1).says("No such image: configured");
        docker.ok("start -a user").prints("entry from image\n");
        docker.ok("rm user");
    }

    @Test
    void psShowsTheIdOfAnImageWhoseNameLeadsElsewhere() throws IOException {
        load();
        docker.ok("tag configured second:1");
        docker.ok("create --name user --network none second:1");
        docker.ok("ps -a --format {{.Image}}").prints("second:1\n");
        docker.ok("tag busybox second:1");
        docker.ok("ps -a --format {{.Image}}").prints(CONFIGURED.id().substring(7, 19) + "\n");
        docker.ok("rm user");
    }

    @Test
    void rmiByForceRefusesWhatRuns() throws IOException {
        load();
        docker.ok("run -d --name user --network none --entrypoint sleep configured 600");
        docker.run("rmi -f " + CONFIGURED.id().substring(7, 19))
                .exits(1)
                .says("(cannot be forced) - image is being used by running container");
        docker.ok("rm -f user");
        docker.ok("rmi configured");
    }

    @Test
    void rmiByIdNeedsForceForSeveralTags() throws IOException {
        load();
        docker.ok("tag configured second:1");
        String id = CONFIGURED.id().substring(7, 19);
        docker.run("rmi " + id).exits(1).says("image is referenced in multiple repositories");
        docker.ok("rmi -f " + id).printsPart("Untagged: configured:latest\n", "Untagged: second:1\n");
        docker.ok("images --format {{.Repository}}:{{.Tag}}").prints("busybox:latest\n");
    }
}
