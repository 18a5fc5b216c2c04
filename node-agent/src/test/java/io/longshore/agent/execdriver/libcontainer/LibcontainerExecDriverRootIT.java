package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.execdriver.DriverHost;
import io.longshore.agent.execdriver.ExecDriverContract;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;

/** The contract, against the kernel. */
class LibcontainerExecDriverRootIT extends ExecDriverContract {
    @Override
    protected DriverHost host(Path files, Path sockets) {
        return new BusyboxHost(files, sockets);
    }

    @AfterAll
    static void removeCgroups() {
        BusyboxHost.removeCgroups();
    }
}
