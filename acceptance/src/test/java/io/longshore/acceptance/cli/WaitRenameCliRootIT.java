package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code docker wait} and {@code docker rename}. */
class WaitRenameCliRootIT extends CliCases {
    @Test
    void waitGivesTheExitCode() {
        docker.ok("run -d --name ends --network none busybox sh -c 'sleep 0.3; exit 5'");
        docker.ok("wait ends").prints("5\n");
        docker.ok("inspect --format '{{.State.Status}}' ends").prints("exited\n");
        docker.ok("rm ends");
    }

    @Test
    void waitForAnEndedContainerReturnsAtOnce() {
        docker.run("run --name ended --network none busybox sh -c 'exit 6'").exits(6);
        docker.ok("wait ended").prints("6\n");
    }

    @Test
    void waitForSeveral() {
        docker.ok("run -d --name one --network none busybox sh -c 'sleep 0.3; exit 1'");
        docker.ok("run -d --name two --network none busybox sh -c 'exit 2'");
        docker.ok("wait one two").prints("1\n2\n");
    }

    @Test
    void waitLastsUntilTheEnd() {
        docker.ok("run -d --name runs --network none busybox sleep 60");
        try (Started wait = docker.start("wait runs")) {
            docker.ok("kill -s CONT runs");
            assertThat(wait.running()).isTrue();
            docker.ok("kill runs");
            wait.await(Duration.ofSeconds(20)).ok().prints("137\n");
        }
    }

    @Test
    void waitRefusesWhatIsNotThere() {
        docker.run("wait nosuch").exits(1).says("No such container: nosuch");
    }

    @Test
    void renameChangesTheName() {
        String id = docker.ok("create --name old --network none busybox true").text();
        docker.ok("rename old new").prints("");
        docker.ok("ps -a --format {{.Names}}").prints("new\n");
        assertThat(docker.value("new", "{{.Id}}")).isEqualTo(id);
        assertThat(docker.exists("old")).isFalse();
        docker.ok("create --name old --network none busybox true");
    }

    @Test
    void renameWorksWhileRunning() {
        docker.ok("run -d --name old --network none busybox sleep 60");
        docker.ok("rename old new");
        docker.ok("inspect --format '{{.Name}} {{.State.Running}}' new").prints("/new true\n");
    }

    @Test
    void renameRefusesANameInUse() {
        docker.ok("create --name one --network none busybox true");
        docker.ok("create --name two --network none busybox true");
        docker.run("rename one two")
                .exits(1)
                .says("Conflict. The container name \"/two\" is already in use by container");
        docker.ok("ps -a --format {{.Names}}").prints("two\none\n");
    }

    @Test
    void renameRefusesTheSameABadAndNoName() {
        docker.ok("create --name one --network none busybox true");
        docker.run("rename one one").exits(1).says("Renaming a container with the same name as its current name");
        docker.run("rename one a/b").exits(1).says("Invalid container name (");
        docker.run("rename nosuch other").exits(1).says("No such container: nosuch");
        docker.ok("ps -a --format {{.Names}}").prints("one\n");
    }
}
