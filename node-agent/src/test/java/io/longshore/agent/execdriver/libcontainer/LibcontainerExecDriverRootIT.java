package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.ExecDriverContract;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.TestSpecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract, against the kernel. */
class LibcontainerExecDriverRootIT extends ExecDriverContract {
    @TempDir
    Path directory;

    @TempDir
    Path run;

    private BusyboxHost host;
    private Leftovers before;

    @Override
    protected ExecDriver open() {
        if (host == null) {
            before = Leftovers.now();
            host = new BusyboxHost(directory, run);
        }
        return host.open();
    }

    @Override
    protected Launch launch(TestSpecs spec) {
        return host.launch(spec);
    }

    @AfterAll
    static void removeCgroups() {
        BusyboxHost.removeCgroups();
    }

    @BeforeEach
    void runDirectoryIsEmpty() throws IOException {
        try (var files = Files.list(run)) {
            assertThat(files).isEmpty();
        }
    }

    @Override
    protected void nothingIsLeftBeneath() throws Exception {
        BusyboxHost.awaitNothingLeft(before);
        try (var files = Files.list(run)) {
            assertThat(files).isEmpty();
        }
    }
}
