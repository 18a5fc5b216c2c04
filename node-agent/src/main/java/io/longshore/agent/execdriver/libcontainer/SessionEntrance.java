package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.account.Identity;
import io.longshore.agent.account.UserLookup;
import io.longshore.agent.execdriver.libcontainer.RunFiles.Started;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.stage.supervisor.ProcessIdentity;
import io.longshore.contracts.agent.ContainerSpec.ContainerProcess;

/**
 * What a session needs of the container that it joins, looked at from outside: nothing in there is executed or trusted.
 *
 * @param process pidfd of the container's first process
 * @param input its /dev/null or, with a terminal, the master of a new one
 * @param who the session's process is to be
 */
record SessionEntrance(Fd process, Fd input, Identity who) implements AutoCloseable {
    /** @param process what is to run */
    static SessionEntrance open(Syscalls syscalls, Supervised container, ContainerProcess process)
            throws ErrnoException {
        Started started = container.note().started();
        if (started == null) {
            throw container.subject().notRunning();
        }
        ProcessIdentity first = started.process();
        Fd pidfd = null;
        boolean opened = false;
        try {
            pidfd = syscalls.pidfdOpen(first.pid());
            // Looked at after both are open: so it was this process that they were opened of.
            try (ContainerRoot root = ProcessRoot.open(syscalls, first).orElseThrow(container.subject()::notRunning)) {
                Identity who = UserLookup.find(syscalls, root, process.user(), process.additionalGroups());
                var devices = new ContainerDevices(syscalls, root);
                Fd input = process.tty() ? devices.terminal() : devices.nothing();
                opened = true;
                return new SessionEntrance(pidfd, input, who);
            }
        } catch (ErrnoException e) {
            if (!first.isAlive()) {
                throw container.subject().notRunning();
            }
            throw e;
        } finally {
            if (!opened && pidfd != null) {
                pidfd.close();
            }
        }
    }

    @Override
    public void close() {
        process.close();
        input.close();
    }
}
