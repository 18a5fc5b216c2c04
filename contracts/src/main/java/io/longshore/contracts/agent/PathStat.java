package io.longshore.contracts.agent;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;

/**
 * A file in a container, as the Engine API tells of it (ContainerArchiveInfo).
 *
 * @param name the last component of the path that was asked for
 * @param size in bytes
 * @param mode the bits of Go's {@code os.FileMode}
 * @param modified when its content was changed
 * @param linkTarget where a symbolic link leads in the end, absolute in the container; empty for anything else
 */
public record PathStat(
        String name,
        long size,
        long mode,
        @JsonProperty("mtime") Instant modified,
        String linkTarget) {
    /** The header in which clients get it, as JSON in base 64. */
    public static final String HEADER = "X-Docker-Container-Path-Stat";
}
