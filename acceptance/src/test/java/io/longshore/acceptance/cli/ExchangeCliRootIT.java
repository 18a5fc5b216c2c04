package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.image.SavedImage;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * {@code docker save} on one engine and {@code docker load} on the other. It has Docker Engine beside Longshore as long as it runs, so
 * it is no part of a class that takes longer.
 */
@OneForm
@LongshoreOnly("it is what these are exchanged with")
class ExchangeCliRootIT extends CliCases {
    private static final SavedImage IMAGE = RegistryCases.image("exchanged:1");

    private static final String CHANGE =
            "rm /second; echo own >/own; ln /own /hard; ln -s own /link; chown 123:4567 /own; chmod 4755 /own";

    private static final String LOOK =
            "[ -e /second ] || echo gone; cat /link; stat -c \"%u:%g %a %h %F\" /own; readlink /link; cat /from-a-registry";

    /** Docker Engine, by the same command and in the same directory. */
    private Docker peer(RunningEngines.Started engines) {
        assumeTrue(Form.picked().anyMatch(form -> form == Form.DOCKER), "Docker Engine is not among the forms");
        return new Docker(new Subject(Form.DOCKER, subject.cli()), engines.of(Form.DOCKER), docker.home());
    }

    @Test
    void whatDockerEngineSavesLongshoreLoads(RunningEngines.Started engines) throws IOException {
        exchange(peer(engines), docker);
    }

    @Test
    void whatLongshoreSavesDockerEngineLoads(RunningEngines.Started engines) throws IOException {
        exchange(docker, peer(engines));
    }

    /** With an image that came from elsewhere and one that the engine has made itself upon it, by which a file is gone. */
    private void exchange(Docker from, Docker to) throws IOException {
        write("image.tar", IMAGE.archive());
        try {
            from.probe("load -q -i image.tar").ok();
            from.probe("run --name maker --network none --entrypoint sh exchanged:1 -c '" + CHANGE + "'")
                    .ok();
            from.probe("commit maker exchanged:2").ok();
            from.probe("save -o saved.tar exchanged:1 exchanged:2").ok();
            to.probe("load -i saved.tar").ok().printsPart("Loaded image: exchanged:1\n", "Loaded image: exchanged:2\n");
            assertThat(to.value("exchanged:1", "{{.Id}}")).isEqualTo(IMAGE.id());
            assertThat(to.value("exchanged:2", "{{.Id}}")).isEqualTo(from.value("exchanged:2", "{{.Id}}"));
            for (Docker each : List.of(from, to)) {
                each.probe("run --rm --network none exchanged:1").ok().prints("entry from image\n");
                each.probe("run --rm --network none --entrypoint sh exchanged:2 -c '" + LOOK + "'")
                        .ok()
                        .prints("gone\nown\n123:4567 4755 2 regular file\nown\nyes\n");
            }
        } finally {
            for (Docker each : List.of(from, to)) {
                each.probe("rm -f maker");
                each.probe("rmi -f exchanged:2 exchanged:1");
            }
        }
    }
}
