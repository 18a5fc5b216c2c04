package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.running.OwnThread;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every class of cases shares: it runs once per {@link Subject}, each case starts and ends without containers, and what a case
 * saw on Longshore is compared with what it saw on Docker Engine.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("subjects")
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(providers = OwnThread.class)
@ExtendWith({RunningEngines.class, SameAsDocker.class})
abstract class CliCases {
    /** Set by JUnit before each case. */
    @Parameter
    @SuppressWarnings("NullAway.Init")
    Subject subject;

    /** Set before each case. */
    @SuppressWarnings("NullAway.Init")
    Docker docker;

    /** Whom the class runs on. */
    static Stream<Subject> subjects(TestInfo test) {
        Class<?> cases = test.getTestClass().orElseThrow();
        return cases.isAnnotationPresent(OneForm.class) ? Subject.oneForm(cases) : Subject.all(cases);
    }

    @BeforeEach
    void open(TestInfo test, RunningEngines.Started engines) throws IOException {
        LongshoreOnly ofCase = test.getTestMethod().orElseThrow().getAnnotation(LongshoreOnly.class);
        LongshoreOnly only =
                ofCase == null ? test.getTestClass().orElseThrow().getAnnotation(LongshoreOnly.class) : ofCase;
        assumeTrue(only == null || subject.longshore(), () -> "not on Docker Engine: " + only.value());
        docker = new Docker(subject, engines.of(subject.form()), Files.createTempDirectory("longshore-case-"));
    }

    /** Also of what was refused: no mount, namespace, cgroup, directory, process or row is left. */
    @AfterParameterizedClassInvocation
    static void leavesNothing(Subject subject, RunningEngines.Started engines) {
        engines.checkLeaks(subject.form());
    }

    @AfterEach
    void removeAllContainers() {
        if (docker == null) {
            return;
        }
        Engine engine = docker.engine();
        for (var container : engine.call(Request.get("/containers/json?all=1")).json()) {
            String path = "/containers/" + container.path("Id").asString();
            int status = engine.call(Request.delete(path + "?force=1&v=1")).status();
            assertThat(status).as("DELETE %s", path).isIn(204, 404);
        }
        for (var network : engine.call(Request.get("/networks?filters=%7B%22type%22:%5B%22custom%22%5D%7D"))
                .json()) {
            String path = "/networks/" + network.path("Id").asString();
            assertThat(engine.call(Request.delete(path)).status())
                    .as("DELETE %s", path)
                    .isEqualTo(204);
        }
        Trees.delete(docker.home());
    }

    /** Writes a file into the case's directory. */
    Path write(String name, byte[] content) throws IOException {
        return Files.write(docker.home().resolve(name), content);
    }

    /** What {@code docker events} tells of a container so far, with these options. */
    Outcome events(String container, String options) {
        Instant now = Instant.now();
        String until = now.getEpochSecond() + "." + String.format("%09d", now.getNano());
        String id = docker.value(container, "{{.Id}}");
        return docker.probe("events --since 10m --until " + until + " --filter container=" + id + " " + options)
                .ok();
    }
}
