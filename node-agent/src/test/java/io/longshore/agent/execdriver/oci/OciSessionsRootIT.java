package io.longshore.agent.execdriver.oci;

import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.ExecSessionsContract;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.agent.execdriver.libcontainer.BusyboxHost;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

/** The sessions' contract in containers that runc made. */
class OciSessionsRootIT extends ExecSessionsContract {
    @TempDir
    Path directory;

    @TempDir
    Path run;

    private @Nullable OciHost host;

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

    private OciHost host() {
        if (host == null) {
            host = new OciHost(directory, run);
        }
        return host;
    }

    @Override
    protected void nothingIsLeftBeneath() throws Exception {
        host().nothingIsLeft();
    }
}
