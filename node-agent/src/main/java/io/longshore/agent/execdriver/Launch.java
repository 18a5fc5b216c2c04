package io.longshore.agent.execdriver;

import io.longshore.agent.log.ContainerLog;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.id.ContainerId;
import java.nio.file.Path;
import java.util.Map;

/**
 * What an exec driver needs to know of one start.
 *
 * @param spec the container
 * @param root its root file system, as the graph driver describes it
 * @param volumes host directory of each mount of kind VOLUME, by the mount's destination as the specification spells it
 * @param sandbox where its network is
 * @param directory the container's directory on the host, absolute: the caller has written {@code hostname}, {@code hosts}
 *     and {@code resolv.conf} there; the driver writes the log and the record of the exit
 */
public record Launch(ContainerSpec spec, RootFs root, Map<String, String> volumes, Sandbox sandbox, String directory) {
    public Launch {
        volumes = Map.copyOf(volumes);
        if (!directory.startsWith("/")) {
            throw new IllegalArgumentException("container directory \"" + directory + "\" is not absolute");
        }
    }

    /** Whose launch it is. */
    public ContainerId id() {
        return spec.id();
    }

    /** Where the log of the container lies. */
    public String logPath() {
        return log().path().toString();
    }

    /** The log of the container, which is never written with driver {@code none}. */
    public ContainerLog log() {
        return ContainerLog.of(spec, Path.of(directory));
    }
}
