package io.longshore.agent.execdriver.oci;

import io.longshore.agent.execdriver.DriverHost;
import io.longshore.agent.execdriver.ExecSessionsContract;
import io.longshore.agent.execdriver.libcontainer.BusyboxHost;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;

/** The sessions' contract in containers that runc made. */
class OciSessionsRootIT extends ExecSessionsContract {
    @Override
    protected DriverHost host(Path files, Path sockets) {
        return new OciHost(files, sockets);
    }

    @AfterAll
    static void removeCgroups() {
        BusyboxHost.removeCgroups();
    }
}
