package io.longshore.agent.execdriver.libcontainer;

import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;
import static io.longshore.agent.linux.OpenFlags.O_PATH;

import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.libcontainer.plan.LaunchFacts.Sources;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.error.Failure;
import java.util.HashSet;
import java.util.Set;

/**
 * Looks at what a container is to have mounted of the host and of its volumes, before it is made. What is found can change until the
 * program opens it; then the program fails, and nothing is mounted that should not be.
 */
final class MountSources {
    private final Syscalls syscalls;

    MountSources(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    /** {@code Invalid} names a source that is not there, or whose mount does not propagate as it is asked to. */
    Sources of(Launch launch) {
        if (launch.spec().mounts().isEmpty()) {
            return Sources.DIRECTORIES;
        }
        Set<String> files = new HashSet<>();
        Set<String> ofHost = new HashSet<>();
        for (Mount mount : launch.spec().mounts()) {
            switch (mount.kind()) {
                case TMPFS -> {}
                case BIND -> HostSources.look(mount, files, ofHost);
                case VOLUME -> {
                    String volume = launch.volumes().get(mount.destination());
                    if (volume != null && !mount.volume().subpath().isEmpty()) {
                        part(volume, mount.volume().subpath(), files);
                    }
                }
            }
        }
        return new Sources(files, ofHost);
    }

    private void part(String volume, String subpath, Set<String> files) {
        try (ContainerRoot root = ContainerRoot.open(syscalls, volume);
                Fd found = root.open(subpath, O_PATH, 0)) {
            if (!syscalls.statx(found, "", AT_EMPTY_PATH).isDirectory()) {
                files.add(volume + "/" + subpath);
            }
        } catch (ErrnoException e) {
            String why =
                    e.is(Errno.ENOENT) ? "no such file or directory" : e.errno().text();
            throw new Failure.Invalid("cannot access path " + volume + "/" + subpath + ": " + why, e);
        }
    }
}
