package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.linux.path.HostDirectory;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.error.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** What bind mounts are made of: paths of the host that an authorised client names, with whatever links are on the way. */
final class HostSources {
    private HostSources() {}

    /**
     * Looks at one, and makes it if it is missing and to be made. A relative one is left to the plan, which refuses it.
     *
     * @param files gets the source if it is no directory
     * @param ofHost gets the source if it is to be opened in the host's mount namespace
     */
    static void look(Mount mount, Set<String> files, Set<String> ofHost) {
        Path source = Path.of(mount.source());
        if (!source.isAbsolute()) {
            return;
        }
        if (!Files.exists(source)) {
            if (!mount.bind().make()) {
                throw new Failure.Invalid(
                        "invalid mount config for type \"bind\": bind source path does not exist: " + mount.source());
            }
            HostDirectory.make(source);
        }
        if (!Files.isDirectory(source)) {
            files.add(mount.source());
        }
        if (MountTable.check(source, mount.bind().propagation())) {
            ofHost.add(mount.source());
        }
    }
}
