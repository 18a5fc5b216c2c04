package io.longshore.acceptance.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.OwnThread;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Trees;
import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every class of cases with a client shares: once per form, a directory of the case's own, and nothing left after each. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.longshore.acceptance.running.Form#picked")
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(providers = OwnThread.class)
@ExtendWith(RunningEngines.class)
abstract class ClientCases {
    /** Set by JUnit before each case. */
    @Parameter
    @SuppressWarnings("NullAway.Init")
    Form form;

    /** Of that form, with the image {@code busybox}; set before each case. */
    @SuppressWarnings("NullAway.Init")
    Engine engine;

    @SuppressWarnings("NullAway.Init")
    Path home;

    @BeforeEach
    void open(RunningEngines.Started engines) throws IOException {
        engine = engines.of(form);
        home = Files.createTempDirectory("longshore-case-");
    }

    /** No mount, namespace, cgroup, directory, process or row is left. */
    @AfterParameterizedClassInvocation
    static void leavesNothing(Form form, RunningEngines.Started engines) {
        engines.checkLeaks(form);
    }

    /** What a failed case left would be in the way of the next class. */
    @AfterEach
    void removeAll() {
        if (engine == null) {
            return;
        }
        for (var container : engine.call(Request.get("/containers/json?all=1")).json()) {
            remove("/containers/" + container.path("Id").asString() + "?force=1&v=1");
        }
        for (var network : engine.call(Request.get("/networks?filters=%7B%22type%22:%5B%22custom%22%5D%7D"))
                .json()) {
            remove("/networks/" + network.path("Id").asString());
        }
        for (var volume : engine.call(Request.get("/volumes")).json().path("Volumes")) {
            remove("/volumes/" + volume.path("Name").asString());
        }
        for (var image : engine.call(Request.get("/images/json")).json()) {
            for (var tag : image.path("RepoTags")) {
                if (!tag.asString().equals("busybox:latest")) {
                    remove("/images/" + tag.asString());
                }
            }
        }
        Trees.delete(home);
    }

    private void remove(String path) {
        assertThat(engine.call(Request.delete(path)).status())
                .as("DELETE %s", path)
                .isIn(200, 204, 404);
    }

    /** A file or directory that {@code src/test/sh/get-clients} brings; a case without it fails. */
    static Path brought(String name) {
        Path file = Path.of(System.getProperty("acceptance.clients", ""), name);
        assertThat(file)
                .as(
                        "what src/test/sh/get-clients brings, see the log beside it; it needs root and npm, mmdebstrap and a network")
                .exists();
        return file;
    }
}
