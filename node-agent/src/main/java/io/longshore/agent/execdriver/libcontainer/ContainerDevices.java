package io.longshore.agent.execdriver.libcontainer;

import static io.longshore.agent.linux.OpenFlags.O_NOCTTY;
import static io.longshore.agent.linux.OpenFlags.O_NONBLOCK;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_RDWR;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.error.Failure;

/**
 * Devices of a container that runs and may have put anything in their places. Each is looked at before it is opened, by what it is and
 * not by its name (CVE-2025-31133, CVE-2025-52565).
 */
final class ContainerDevices {
    private static final long NULL = 0x103;
    private static final long PTMX = 0x502;
    /** DEVPTS_SUPER_MAGIC of linux/magic.h. */
    private static final long DEVPTS = 0x1cd1;

    private final Syscalls syscalls;
    private final ContainerRoot root;

    ContainerDevices(Syscalls syscalls, ContainerRoot root) {
        this.syscalls = syscalls;
        this.root = root;
    }

    /** Its /dev/null; an empty file where it has none: there is as little to read. */
    Fd nothing() throws ErrnoException {
        try (Fd found = root.open("dev/null", O_PATH, 0)) {
            if (isDevice(found, NULL)) {
                return syscalls.open(found.procPath(), O_RDWR, 0);
            }
        } catch (ErrnoException e) {
            if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR) && !e.is(Errno.ELOOP)) {
                throw e;
            }
        }
        Fd empty = syscalls.memfdCreate("null");
        syscalls.addSeals(empty, io.longshore.agent.linux.ProcessFlags.F_SEAL_GROW);
        return empty;
    }

    /** The master of a new terminal of its own devpts, still locked. */
    Fd terminal() throws ErrnoException {
        try (Fd found = root.open("dev/pts/ptmx", O_PATH, 0)) {
            if (isDevice(found, PTMX) && syscalls.statfs(found.procPath()).type() == DEVPTS) {
                return syscalls.open(found.procPath(), O_RDWR | O_NOCTTY | O_NONBLOCK, 0);
            }
        } catch (ErrnoException e) {
            if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR) && !e.is(Errno.ELOOP)) {
                throw e;
            }
        }
        throw new Failure.Conflict(
                "the container has no terminals at /dev/pts any more: run the command without a terminal");
    }

    private boolean isDevice(Fd file, long number) throws ErrnoException {
        FileStatus status = syscalls.statx(file, "", OpenFlags.AT_EMPTY_PATH);
        return (status.mode() & OpenFlags.S_IFMT) == OpenFlags.S_IFCHR && status.rdev() == number;
    }
}
