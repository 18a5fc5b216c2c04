package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
import java.util.Optional;

/** The root directory of a process, with what is mounted there for it (proc(5), /proc/PID/root). */
final class ProcessRoot {
    private ProcessRoot() {}

    /** Opens it; empty when the very process has ended, whoever has its number by now. */
    static Optional<ContainerRoot> open(Syscalls syscalls, ProcessIdentity process) throws ErrnoException {
        try {
            ContainerRoot root = ContainerRoot.open(syscalls, "/proc/" + process.pid() + "/root");
            if (process.isAlive()) {
                // So it was alive a moment ago, too, and the number was its own.
                return Optional.of(root);
            }
            root.close();
            return Optional.empty();
        } catch (ErrnoException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ESRCH)) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
