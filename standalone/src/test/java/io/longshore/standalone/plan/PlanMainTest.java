package io.longshore.standalone.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On this machine's facts, which any user may read. */
class PlanMainTest {
    @TempDir
    private Path directory;

    private static String plan(String line) {
        return PlanMain.plan(Arrays.asList(line.split(" ")));
    }

    private static String numberless(String text) {
        return text.replaceAll("(?m)^(prepare|parent|child|start) \\d+: ", "$1 ");
    }

    @Test
    void theProgramsOfARun() {
        String text =
                numberless(plan("--rm -it --name x --user 5:6 --read-only --shm-size=1m --uts host busybox echo hi"));
        assertThat(text)
                .startsWith("# A run of image busybox on this machine, not done.\n# Placeholders: ")
                .contains("clone3 CLONE_NEWNS|CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWNET")
                .contains("child fsconfig(context, FSCONFIG_SET_STRING, \"size\", \"1048576\", 0)")
                .contains("# make the root read-only")
                .contains("start setresuid(5, 5, 5) # set user 5")
                .contains("start execve(\"/bin/echo\", [\"echo\", \"hi\"]")
                .doesNotContain("sethostname(");
    }

    @Test
    void limitsAreWritesToTheCgroup() {
        assertThat(plan("-m 64m --pids-limit 5 --cpus .5 busybox"))
                .containsPattern("write \\S+/memory(\\.limit_in_bytes|\\.max) 67108864\n")
                .containsPattern("write \\S+/pids\\.max 5\n")
                .contains("50000")
                .contains("COMMAND-OF-THE-IMAGE");
    }

    @Test
    void whatTheImageSays() throws IOException {
        Path config = Files.writeString(
                directory.resolve("config.json"),
                "{\"architecture\": \"amd64\", \"config\": {\"Cmd\": [\"serve\", \"all\"], \"User\": \"app\", \"WorkingDir\": \"/srv\","
                        + " \"Volumes\": {\"/data\": {}}}}");
        assertThat(numberless(plan("--image-config " + config + " shop:1")))
                .contains("[\"serve\", \"all\"]")
                .contains("# working directory /srv")
                .contains("/var/lib/longshore/volumes/VOLUME-data/_data on /data")
                .contains("as app is looked up");
        assertThatThrownBy(() -> plan("--image-config " + directory + "/nosuch shop:1"))
                .isInstanceOf(PlanRefused.class)
                .hasMessageContaining("nosuch");
    }

    @Test
    void whatTheDockerCommandSends() throws IOException {
        Path profile = Files.writeString(directory.resolve("p.json"), "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}");
        String text = numberless(
                plan(
                        "--security-opt seccomp=" + profile
                                + " --security-opt systempaths=unconfined --tmpfs /run:size=1m --sysctl kernel.msgmax=5 --device /dev/null:/dev/mine:r"
                                + " --ulimit nofile=5:6 --group-add 7 --init --network=host --entrypoint /bin/x -e A=b -eC=d -- busybox y"));
        assertThat(text)
                .doesNotContain("# mask ")
                .contains("tmpfs option size=1m")
                .contains("set sysctl kernel.msgmax=5")
                .contains("make /dev/mine")
                .contains("set ulimit nofile=5:6")
                .contains("[\"/sbin/docker-init\", \"--\", \"/bin/x\", \"y\"]")
                .contains("\"A=b\", \"C=d\"")
                .doesNotContain("CLONE_NEWNET");
    }

    @Test
    void whatRunTakesBesides() throws IOException {
        Path environment = Files.writeString(directory.resolve("env"), "# none\n\nA=from a file\n");
        String text = numberless(plan("--mount type=tmpfs,destination=/scratch,tmpfs-size=1m,tmpfs-mode=700 -v /data"
                + " --env-file " + environment
                + " --restart on-failure:3 --log-driver json-file --log-opt max-size=1m --health-cmd true"
                + " --health-interval 1s --dns 10.0.0.1 --add-host a:10.0.0.2 --label-file nosuch --expose 80"
                + " --no-healthcheck busybox true"));
        assertThat(text)
                .contains("/var/lib/longshore/volumes/VOLUME-data/_data on /data")
                .contains("tmpfs option size=1048576")
                .contains("tmpfs option mode=700")
                .contains("\"A=from a file\"");
    }

    @Test
    void aFileOfTheWrongKindIsNamed() throws IOException {
        Path text = Files.writeString(directory.resolve("text"), "no JSON");
        Path list = Files.writeString(directory.resolve("list"), "[1]");
        Path wrong = Files.writeString(directory.resolve("wrong"), "{\"config\": {\"Env\": 5}}");
        for (String line : List.of(
                "--security-opt seccomp=" + text + " busybox",
                "--image-config " + text + " busybox",
                "--image-config " + list + " busybox",
                "--image-config " + wrong + " busybox",
                "--env-file " + directory + " busybox")) {
            assertThatThrownBy(() -> plan(line))
                    .as(line)
                    .isInstanceOf(PlanRefused.class)
                    .hasMessageContaining(directory.toString());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--publish 80:80 busybox| --publish is not among the options that plan knows",
                "-p 80:80 busybox| -p is not among the options",
                "--rm| an image is missing",
                "--memory| --memory needs a value",
                "--memory many busybox| --memory many is no size",
                "--pids-limit x busybox| --pids-limit x is no number",
                "--cpus x busybox| --cpus x is no number of processors",
                "--device-read-iops /dev/null:x busybox| --device-read-iops x is no number",
                "--device-read-bps /dev/null busybox| is no device with a value",
                "--init=maybe busybox| --init=maybe is neither true nor false",
                "--ulimit nofile busybox| is no limit",
                "--security-opt seccomp=/nosuch busybox| opening seccomp profile (/nosuch) failed",
                "--ipc container:x busybox| leave container:NAME out",
                "--image-config| --image-config needs a file",
                "--mount type=tmpfs,propagation=x busybox| propagation is not among what plan knows",
                "--mount type=tmpfs,dst=/x,tmpfs-mode=9 busybox| --mount tmpfs-mode 9 is no octal number",
            })
    void whatCannotBePlannedIsNamed(String line, String message) {
        assertThatThrownBy(() -> plan(line)).isInstanceOf(PlanRefused.class).hasMessageContaining(message);
    }

    @Test
    void whatCreateRefusesIsRefusedInItsWords() {
        for (String line : List.of(
                "-m 1m busybox",
                "--sysctl kernel.panic=1 busybox",
                "--device /dev/nosuch busybox",
                "--pid cloud busybox")) {
            assertThatThrownBy(() -> plan(line)).as(line).isInstanceOf(Failure.Invalid.class);
        }
    }
}
