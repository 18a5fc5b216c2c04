package io.longshore.agent.execdriver.libcontainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.ExecDriverContract;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.TestSpecs;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract, against the kernel. */
class LibcontainerExecDriverRootIT extends ExecDriverContract {
    @TempDir
    Path directory;

    @TempDir
    Path run;

    private @Nullable BusyboxHost host;

    @Override
    protected ExecDriver open() {
        return host().open();
    }

    @Override
    protected Launch launch(TestSpecs spec) {
        return host().launch(spec);
    }

    @AfterAll
    static void removeCgroups() {
        BusyboxHost.removeCgroups();
    }

    private BusyboxHost host() {
        if (host == null) {
            host = new BusyboxHost(directory, run);
        }
        return host;
    }

    @Override
    protected void nothingIsLeftBeneath() throws Exception {
        host().awaitNothingLeft();
        try (var files = Files.list(run)) {
            assertThat(files).isEmpty();
        }
    }
}
