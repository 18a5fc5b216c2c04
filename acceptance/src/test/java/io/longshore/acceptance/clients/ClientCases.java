package io.longshore.acceptance.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.running.Emptied;
import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.OwnThread;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.process.Trees;
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
        Emptied.of(engine);
        Trees.delete(home);
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
